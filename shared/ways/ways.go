// Package ways makes, of what an installation is told, the ways to the networks: who answers there, who reads, who connects
// accounts, and the keys all of them work with.
package ways

import (
	"context"
	"crypto/rand"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// Config says where the networks are and which secrets open them. Graph, X and LinkedIn are base addresses; the Login ones are
// where people say yes, each network's own when it is empty. The rest are names of secrets.
type Config struct {
	Graph, X, LinkedIn               string
	MetaLogin, XLogin, LinkedInLogin string
	MetaApp, XApp, LinkedInApp       string
	TokenKey                         string
	// Files are what hangs on posts; nil: none can be published.
	Files Files
}

// Read reads it from the environment.
func Read(env *config.Env) Config {
	return Config{
		Graph: env.Text("GESTOR_GRAPH_URL"), X: env.Text("GESTOR_X_URL"), LinkedIn: env.Text("GESTOR_LINKEDIN_URL"),
		MetaLogin: env.Optional("GESTOR_META_LOGIN_URL"), XLogin: env.Optional("GESTOR_X_LOGIN_URL"),
		LinkedInLogin: env.Optional("GESTOR_LINKEDIN_LOGIN_URL"),
		MetaApp:       env.Text("GESTOR_SECRET_META_APP"), XApp: env.Text("GESTOR_SECRET_X_APP"),
		LinkedInApp: env.Text("GESTOR_SECRET_LINKEDIN_APP"), TokenKey: env.Text("GESTOR_SECRET_TOKEN_KEY"),
	}
}

// Answerer is the way out to one network.
type Answerer interface {
	Send(ctx context.Context, o post.Outgoing) (post.Receipt, error)
	Find(ctx context.Context, o post.Outgoing, since time.Time) (remoteID string, found bool, err error)
	Act(ctx context.Context, a post.Act) (post.Receipt, error)
	Reason(err error) string
}

// Reader reads one network.
type Reader interface {
	Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error)
	List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error)
	Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error)
	Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error)
	Reason(err error) string
}

// Publisher publishes posts on one network.
type Publisher interface {
	Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error)
	Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error)
	Published(ctx context.Context, b post.Broadcast, since time.Time) (remoteID string, found bool, err error)
	PostURL(account, id string) string
	Reason(err error) string
}

// Files are the files of the library, by their ids: addresses for networks that fetch them, bytes for those that are sent them.
type Files interface {
	Range(ctx context.Context, id string, from, size int64) ([]byte, error)
	Link(ctx context.Context, id string, life time.Duration) (string, error)
}

// Provider connects accounts of one network.
type Provider interface {
	Begin(ctx context.Context, c channel.Connection, now time.Time) (channel.Connection, error)
	Exchange(ctx context.Context, c channel.Connection, code string, now time.Time) (channel.Tokens, error)
	Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error)
	Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error)
}

// Ways are the ways to every network. Lists are the names of what a Reader can list.
type Ways struct {
	Keys       Keys
	Answerers  map[mention.Network]Answerer
	Publishers map[mention.Network]Publisher
	Readers    map[mention.Network]Reader
	Lists      map[mention.Network][]string
	Providers  map[mention.Network]Provider
}

// New makes the ways. Store keeps the sealed keys, secrets is asked anew for each call, and owner names this process where two
// would renew one key.
func New(c Config, secrets *secret.Client, store access.Store, clock Clock, owner string) (*Ways, error) {
	w := &Ways{
		Answerers: map[mention.Network]Answerer{}, Readers: map[mention.Network]Reader{}, Lists: map[mention.Network][]string{},
		Providers: map[mention.Network]Provider{}, Publishers: map[mention.Network]Publisher{},
	}
	w.Keys = Keys{clock: clock, cfg: access.Config{
		Store: store, Refreshers: map[mention.Network]access.Refresher{}, Random: rand.Reader, Owner: owner, Wait: wait,
		Key: Key(secrets, c.TokenKey),
	}}
	w.toMeta(c, secrets)
	for _, add := range []func(Config, *secret.Client) error{w.toWhatsApp, w.toX, w.toLinkedIn} {
		if err := add(c, secrets); err != nil {
			return nil, err
		}
	}
	login, err := meta.NewLogin(meta.Config{BaseURL: c.Graph}, c.MetaLogin, reading[meta.AppSecret](secrets, c.MetaApp))
	if err != nil {
		return nil, err
	}
	for _, n := range []mention.Network{mention.Facebook, mention.Instagram, mention.WhatsApp} {
		w.Providers[n] = login
	}
	for n, p := range w.Providers {
		w.Keys.cfg.Refreshers[n] = p
	}
	return w, nil
}

func (w *Ways) toMeta(c Config, secrets *secret.Client) {
	app, cfg := reading[meta.AppSecret](secrets, c.MetaApp), meta.Config{BaseURL: c.Graph}
	w.Answerers[mention.Facebook] = meta.NewOutbound(cfg, app, w.Keys.of(mention.Facebook))
	w.Answerers[mention.Instagram] = meta.NewInstagramOutbound(cfg, app, w.Keys.of(mention.Instagram))
	w.Publishers[mention.Facebook] = meta.NewPublisher(cfg, app, w.Keys.of(mention.Facebook), c.Files)
	w.Publishers[mention.Instagram] = meta.NewInstagramPublisher(cfg, app, w.Keys.of(mention.Instagram), c.Files)
	facebook, instagram := meta.NewReader(cfg, app), meta.NewInstagramReader(cfg, app)
	w.Readers[mention.Facebook], w.Lists[mention.Facebook] = facebook, facebook.Lists()
	w.Readers[mention.Instagram], w.Lists[mention.Instagram] = instagram, instagram.Lists()
}

func (w *Ways) toWhatsApp(c Config, secrets *secret.Client) error {
	app := reading[meta.AppSecret](secrets, c.MetaApp)
	cfg := whatsapp.Config{BaseURL: c.Graph, AppSecret: func(ctx context.Context) (string, error) {
		s, err := app(ctx)
		return s.AppSecret, err
	}}
	out, err := whatsapp.NewOutbound(cfg, w.Keys.of(mention.WhatsApp))
	if err != nil {
		return err
	}
	in, err := whatsapp.NewReader(cfg, func(ctx context.Context) (string, error) {
		s, err := app(ctx)
		return s.AppID, err
	})
	if err != nil {
		return err
	}
	w.Answerers[mention.WhatsApp], w.Readers[mention.WhatsApp], w.Lists[mention.WhatsApp] = out, in, nil
	w.Publishers[mention.WhatsApp], err = whatsapp.NewPublisher(cfg, w.Keys.of(mention.WhatsApp))
	return err
}

func (w *Ways) toX(c Config, secrets *secret.Client) error {
	cfg := x.Config{BaseURL: c.X, SignInURL: c.XLogin, App: reading[x.App](secrets, c.XApp)}
	out, err := x.NewOutbound(cfg, w.Keys.of(mention.X))
	if err != nil {
		return err
	}
	in, err := x.NewReader(cfg)
	if err != nil {
		return err
	}
	w.Publishers[mention.X], err = x.NewPublisher(cfg, w.Keys.of(mention.X), c.Files)
	if err != nil {
		return err
	}
	provider, err := x.NewProvider(cfg, nil)
	w.Answerers[mention.X], w.Readers[mention.X], w.Lists[mention.X], w.Providers[mention.X] = out, in, in.Lists(), provider
	return err
}

func (w *Ways) toLinkedIn(c Config, secrets *secret.Client) error {
	cfg := linkedin.Config{BaseURL: c.LinkedIn, SignInURL: c.LinkedInLogin, App: reading[linkedin.App](secrets, c.LinkedInApp)}
	out, err := linkedin.NewOutbound(cfg, w.Keys.of(mention.LinkedIn))
	if err != nil {
		return err
	}
	in, err := linkedin.NewReader(cfg)
	if err != nil {
		return err
	}
	w.Publishers[mention.LinkedIn], err = linkedin.NewPublisher(cfg, w.Keys.of(mention.LinkedIn), c.Files)
	if err != nil {
		return err
	}
	provider, err := linkedin.NewProvider(cfg)
	w.Answerers[mention.LinkedIn], w.Readers[mention.LinkedIn], w.Lists[mention.LinkedIn] = out, in, in.Lists()
	w.Providers[mention.LinkedIn] = provider
	return err
}

func reading[T any](secrets *secret.Client, id string) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return secret.Decode[T](ctx, secrets, id) }
}
