package system

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
	"sence.gob.cl/gestor/shared/mention"
)

const (
	account = "000000000000"
	region  = "us-east-1"

	// The local issuer's audience and client; the console learns them from /config.json.
	localAudience = "gestor-local"
	localClient   = "gestor-consola-local"

	// What the simulated networks and the simulated SIAC accept. They guard nothing: both live on the loopback, and a
	// person writes into them without any token.
	pageToken = "local-page-token"
	xToken    = "local-x-token"
	// linkedInToken is the organization's.
	linkedInToken = "local-linkedin-token"
	// linkedInApp is the number of our application there, by which its subscriptions are named.
	linkedInApp = "1000001"
	siacToken   = "local-siac-token"

	// Who is told of what waits, and by whom. Nobody owns these addresses; the letters end in the simulator's mailbox.
	noticeRecipients = "supervisor@sence.example"
	noticeSender     = "gestor@sence.example"
)

// Options say how to run the local system. Every field without a remark is required.
type Options struct {
	// Addr and SimAddr are the addresses of the system and of the simulator; port 0 takes a free one.
	Addr    string
	SimAddr string
	// EngineHost is where the emulators listen; anything but the loopback is for containers on a private bridge.
	EngineHost string
	// DataDir holds everything that survives a restart; it is made if absent.
	DataDir string
	// FunctionsDir holds <function>/bootstrap.
	FunctionsDir string
	// Dynoxide is the DynamoDB engine's binary; DynamoDB, when set, is the endpoint of another engine instead.
	Dynoxide string
	DynamoDB string
	// Template is the synthesized template in JSON.
	Template []byte
	// Accounts is our accounts in JSON; empty means the local default.
	Accounts string
	// EscalateUndo, DoubtHours and XDailyUSD go to the template's parameters; empty means the template's default.
	EscalateUndo string
	DoubtHours   string
	XDailyUSD    string
	// Secrets are the shared secrets. Known is those everybody knows, refused beyond the loopback.
	Secrets Secrets
	Known   []string
	// OIDC names another issuer than the local one; empty means the local one.
	OIDC OIDC
	// Wall is the real clock.
	Wall func() time.Time
	Log  *slog.Logger
	// Output receives what the functions print.
	Output io.Writer
}

// Secrets are what the networks and SIAC sign with.
type Secrets struct {
	MetaApp          string
	MetaAppPrevious  string
	MetaVerify       string
	X                string
	XPrevious        string
	LinkedIn         string
	LinkedInPrevious string
	SiacCallback     string
}

// OIDC is an issuer and what its tokens must carry.
type OIDC struct {
	Issuer   string
	Audience string
	Client   string
	// Domain is the origin of its token endpoint, where it is not the issuer's.
	Domain string
}

// exposed reports whether other machines may reach the system.
func (o Options) exposed() bool {
	host, _, err := net.SplitHostPort(o.Addr)
	return err != nil || !local.IsLoopback(host)
}

func (o Options) check() error {
	for name, address := range map[string]string{"GESTOR_ADDR": o.Addr, "GESTOR_SIM_ADDR": o.SimAddr} {
		_, port, err := net.SplitHostPort(address)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			return fmt.Errorf("%s %q is not host:port", name, address)
		}
	}
	if host, _, _ := net.SplitHostPort(o.SimAddr); !local.IsLoopback(host) {
		return fmt.Errorf("GESTOR_SIM_ADDR %q: the simulator lets anybody write as anybody, so it serves this machine only", o.SimAddr)
	}
	if ip := net.ParseIP(o.EngineHost); ip == nil || ip.IsUnspecified() {
		return fmt.Errorf("GESTOR_ENGINE_HOST %q is not one IP address of this machine", o.EngineHost)
	}
	if o.OIDC != (OIDC{}) && (o.OIDC.Issuer == "" || o.OIDC.Audience == "" || o.OIDC.Client == "") {
		return errors.New("GESTOR_OIDC_ISSUER, GESTOR_OIDC_AUDIENCE and GESTOR_OIDC_CLIENT_ID go together")
	}
	if o.Accounts != "" {
		if _, err := mention.ParseAccounts([]byte(o.Accounts)); err != nil {
			return fmt.Errorf("GESTOR_ACCOUNTS: accounts are {\"facebook\":[\"<id>\",…],…}: %w", err)
		}
	}
	if o.exposed() {
		if err := o.checkExposed(); err != nil {
			return err
		}
	}
	return o.checkTimes()
}

// checkTimes looks at what would otherwise stop the functions at their start.
func (o Options) checkTimes() error {
	if d, err := time.ParseDuration(o.EscalateUndo); o.EscalateUndo != "" && (err != nil || d < 0) {
		return fmt.Errorf("GESTOR_ESCALATE_UNDO %q is not a duration such as 10m", o.EscalateUndo)
	}
	if n, err := strconv.ParseFloat(o.XDailyUSD, 64); o.XDailyUSD != "" && (err != nil || n < 0) {
		return fmt.Errorf("GESTOR_X_DAILY_USD %q is not an amount of US dollars", o.XDailyUSD)
	}
	if n, err := strconv.Atoi(o.DoubtHours); o.DoubtHours != "" && (err != nil || n < 1) {
		return fmt.Errorf("GESTOR_DOUBT_HOURS %q is not a whole number of business hours", o.DoubtHours)
	}
	return nil
}

// checkExposed holds a system that others reach to secrets that nobody knows and to an issuer that asks for passwords.
func (o Options) checkExposed() error {
	for _, known := range o.Known {
		s := o.Secrets
		for _, used := range []string{
			s.MetaApp, s.MetaAppPrevious, s.MetaVerify, s.X, s.XPrevious, s.LinkedIn, s.LinkedInPrevious, s.SiacCallback,
		} {
			if used == known {
				return fmt.Errorf("GESTOR_ADDR %s is not of this machine alone, and a secret still has its local default: set "+
					"GESTOR_META_APP_SECRET, GESTOR_META_VERIFY_TOKEN, GESTOR_X_CONSUMER_SECRET, GESTOR_LINKEDIN_CLIENT_SECRET and "+
					"GESTOR_SIAC_CALLBACK_SECRET", o.Addr)
			}
		}
	}
	if o.OIDC.Issuer == "" {
		return fmt.Errorf("GESTOR_ADDR %s is not of this machine alone, so the local sign-in is off: set GESTOR_OIDC_ISSUER, "+
			"GESTOR_OIDC_AUDIENCE and GESTOR_OIDC_CLIENT_ID", o.Addr)
	}
	return nil
}

// parameters are the template's, as the local system supplies them. base is where it serves, sim where the functions find
// the simulator.
func (o Options) parameters(base, sim string) (map[string]string, error) {
	accounts := o.Accounts
	if accounts == "" {
		var err error
		if accounts, err = local.Accounts(); err != nil {
			return nil, err
		}
	}
	oidc := o.oidc(base)
	p := map[string]string{
		"Accounts": accounts, "GraphUrl": sim + "/graph/", "SiacUrl": sim + "/siac-api",
		"XUrl": sim + "/x-api/", "LinkedInUrl": sim + "/linkedin-api/", "MediaUrl": sim,
		"MetaLoginUrl": sim + "/", "XLoginUrl": sim + "/", "LinkedInLoginUrl": sim + "/",
		"OidcIssuer": oidc.Issuer, "OidcAudience": oidc.Audience, "OidcClientId": oidc.Client, "OidcDomain": oidc.Domain,
		"NoticeRecipients": noticeRecipients, "NoticeSender": noticeSender, "ConsoleUrl": base,
	}
	if o.EscalateUndo != "" {
		p["EscalateUndo"] = o.EscalateUndo
	}
	if o.XDailyUSD != "" {
		p["XDailyUsd"] = o.XDailyUSD
	}
	if o.DoubtHours != "" {
		p["DoubtHours"] = o.DoubtHours
	}
	return p, nil
}

func (o Options) oidc(base string) OIDC {
	if o.OIDC.Issuer != "" {
		return o.OIDC
	}
	return OIDC{Issuer: base + issuerPath, Audience: localAudience, Client: localClient}
}

// baseURL is how this machine reaches what listens there.
func baseURL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strings.TrimSpace(port))
}
