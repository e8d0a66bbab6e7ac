// Package issuer is the local system's OpenID Connect provider: fictitious users, no passwords, the same protocol and
// the same claims as the provider of a deployment. It must never be reachable from another machine.
package issuer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// lifetime of a token: the local clock may jump months, and a browser left open should still work.
	lifetime = 400 * 24 * time.Hour
	// codeLifetime is how long an authorization code can be redeemed, once.
	codeLifetime = time.Minute
	// maxCodes bounds the codes that wait; nobody on one machine signs in that often.
	maxCodes = 1000
)

// User is one fictitious person. Name is what they sign in with and the token's subject.
type User struct {
	Name    string
	Display string
	// Role is a role of the permission matrix (domain.md §6.5).
	Role string
}

// Users lists the local users in the order the sign-in page shows them.
func Users() []User {
	return []User{
		{"ejecutivo1", "Elena Ejemplo", "community_manager"},
		{"ejecutivo2", "Emilio Ejemplo", "community_manager"},
		{"supervisor", "Susana Supuesta", "supervisor"},
		{"siac", "Silvia Simulada", "analista_siac"},
		{"oirs", "Óscar Simulado", "oirs_regional"},
		{"comunicaciones", "Camila Ficticia", "comunicaciones"},
		{"jefatura", "Javier Ficticio", "jefatura_unidad"},
		{"denuncias", "Delia Inventada", "encargado_denuncias"},
		{"datos", "Dante Inventado", "datos_personales"},
		{"ti", "Tito Imaginario", "ti_admin"},
		{"auditor", "Aurora Imaginaria", "auditor"},
		{"programa", "Pablo Supuesto", "lector_programa"},
	}
}

// ErrNoUser is a name that is not among Users.
var ErrNoUser = errors.New("issuer: there is no such local user")

// Config is what an issuer needs. All fields are required.
type Config struct {
	// URL is the issuer as tokens name it, without final slash; its path is where the handler is mounted.
	URL string
	// Audience and ClientID are what tokens carry as aud and client_id.
	Audience string
	ClientID string
	// KeyFile holds the signing key in PEM, made on first use and readable by its owner alone.
	KeyFile string
	// Wall is the real clock, which judges tokens.
	Wall func() time.Time
}

// Issuer signs tokens and answers the protocol's requests.
type Issuer struct {
	cfg    Config
	origin string
	path   string
	key    *rsa.PrivateKey
	keyID  string

	mu    sync.Mutex
	codes map[string]grant
}

// grant is what an authorization code stands for.
type grant struct {
	user      User
	challenge string
	redirect  string
	nonce     string
	expires   time.Time
}

// New reads or makes the signing key.
func New(cfg Config) (*Issuer, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("issuer: %q is not an address", cfg.URL)
	}
	key, err := loadKey(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	sum := sha256.Sum256(der)
	return &Issuer{
		cfg: cfg, origin: u.Scheme + "://" + u.Host, path: u.Path, key: key,
		keyID: base64.RawURLEncoding.EncodeToString(sum[:9]), codes: map[string]grant{},
	}, nil
}

func loadKey(file string) (*rsa.PrivateKey, error) {
	data, err := os.ReadFile(filepath.Clean(file))
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("issuer: signing key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("issuer: %s holds no signing key; delete it to make a new one", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("issuer: %s holds no RSA key; delete it to make a new one", file)
	}
	return key, nil
}

func makeKey(file string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	// A half-written key would stop every later start: write beside, then rename.
	beside := file + ".new"
	if err := os.WriteFile(beside, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("issuer: signing key: %w", err)
	}
	if err := os.Rename(beside, file); err != nil {
		return nil, fmt.Errorf("issuer: signing key: %w", err)
	}
	return key, nil
}

// Token signs a token for a user as the sign-in would; ErrNoUser when there is none of that name.
func (i *Issuer) Token(name string) (string, error) {
	users := Users()
	n := slices.IndexFunc(users, func(u User) bool { return u.Name == name })
	if n < 0 {
		return "", ErrNoUser
	}
	return i.sign(users[n], "access", "")
}

// sign makes a token with the claims a Cognito user pool would give; use is "access" or "id".
func (i *Issuer) sign(u User, use, nonce string) (string, error) {
	now := i.cfg.Wall()
	claims := jwt.MapClaims{
		"iss": i.cfg.URL, "aud": i.cfg.Audience, "client_id": i.cfg.ClientID, "sub": u.Name, "cognito:username": u.Name,
		"cognito:groups": []string{u.Role}, "name": u.Display, "token_use": use, "scope": "openid profile",
		"iat": now.Unix(), "exp": now.Add(lifetime).Unix(),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = i.keyID
	raw, err := token.SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	return raw, nil
}

// issueCode keeps a grant under a fresh code.
func (i *Issuer) issueCode(g grant) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.cfg.Wall()
	for code, old := range i.codes {
		if now.After(old.expires) {
			delete(i.codes, code)
		}
	}
	if len(i.codes) >= maxCodes {
		return "", errors.New("issuer: too many codes wait to be redeemed")
	}
	code := rand.Text()
	g.expires = now.Add(codeLifetime)
	i.codes[code] = g
	return code, nil
}

// redeemCode takes a code out, whatever comes of it: a second try with a stolen code must fail, and so must the first
// one after it.
func (i *Issuer) redeemCode(code string) (grant, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	g, ok := i.codes[code]
	delete(i.codes, code)
	return g, ok && i.cfg.Wall().Before(g.expires)
}

// jwks is the public half of the key as RFC 7517 writes it.
func (i *Issuer) jwks() map[string]any {
	text := base64.RawURLEncoding.EncodeToString
	return map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": i.keyID,
		"n": text(i.key.N.Bytes()), "e": text(big.NewInt(int64(i.key.E)).Bytes()),
	}}}
}

// returnable reports whether a browser may be sent there: only to this very system.
func (i *Issuer) returnable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme+"://"+u.Host == i.origin && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, i.path+"/")
}

// Handler answers the protocol's requests under the path of Config.URL.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+i.path+"/.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET "+i.path+"/jwks.json", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, i.jwks()) })
	mux.HandleFunc("GET "+i.path+"/authorize", i.askUser)
	mux.HandleFunc("POST "+i.path+"/authorize", i.takeUser)
	mux.HandleFunc("POST "+i.path+"/token", i.token)
	mux.HandleFunc("GET "+i.path+"/logout", i.logout)
	return mux
}
