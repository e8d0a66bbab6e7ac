package main

import (
	"context"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// networks are the ways out. Every secret is read anew for each call, from what was read within five minutes.
func networks(env *config.Env, secrets *secret.Client) (map[mention.Network]deliver.Platform, error) {
	app := read[meta.AppSecret](secrets, env.Text("GESTOR_SECRET_META_APP"))
	tokens := read[map[string]string](secrets, env.Text("GESTOR_SECRET_META_TOKENS"))
	graph := env.Text("GESTOR_GRAPH_URL")
	proof := func(ctx context.Context) (string, error) {
		s, err := app(ctx)
		return s.AppSecret, err
	}
	access := pasted(tokens)
	toWhatsApp, err := whatsapp.NewOutbound(whatsapp.Config{BaseURL: graph, AppSecret: proof}, access)
	if err != nil {
		return nil, err
	}
	keysOfX := read[map[string]keyOfX](secrets, env.Text("GESTOR_SECRET_X_TOKENS"))
	toX, err := x.NewOutbound(x.Config{BaseURL: env.Text("GESTOR_X_URL"), App: appOfX(keysOfX)}, pastedForX(keysOfX))
	if err != nil {
		return nil, err
	}
	toLinkedIn, err := linkedin.NewOutbound(linkedin.Config{BaseURL: env.Text("GESTOR_LINKEDIN_URL")},
		pasted(read[map[string]string](secrets, env.Text("GESTOR_SECRET_LINKEDIN_TOKENS"))))
	if err != nil {
		return nil, err
	}
	return map[mention.Network]deliver.Platform{
		mention.Facebook:  meta.NewOutbound(meta.Config{BaseURL: graph}, app, access),
		mention.Instagram: meta.NewInstagramOutbound(meta.Config{BaseURL: graph}, app, access),
		mention.WhatsApp:  toWhatsApp, mention.X: toX, mention.LinkedIn: toLinkedIn,
	}, nil
}

// pasted gives the keys that an operator pasted into a secret.
func pasted(tokens func(context.Context) (map[string]string, error)) func(context.Context, string) (channel.Access, error) {
	return func(ctx context.Context, account string) (channel.Access, error) {
		keys, err := tokens(ctx)
		return channel.Access{Account: account, Token: keys[account]}, err
	}
}

// keyOfX is what an operator pasted for one account of X: the four words of OAuth 1.0a, or the access token of OAuth 2.0.
type keyOfX struct {
	ConsumerKey    string `json:"consumerKey"`
	ConsumerSecret string `json:"consumerSecret"`
	Token          string `json:"token"`
	TokenSecret    string `json:"tokenSecret"`
	Bearer         string `json:"bearer"`
}

// appOfX gives the application's own keys, which stand beside those of each account.
func appOfX(keys func(context.Context) (map[string]keyOfX, error)) func(context.Context) (x.App, error) {
	return func(ctx context.Context) (x.App, error) {
		all, err := keys(ctx)
		for _, k := range all {
			if k.ConsumerKey != "" {
				return x.App{ConsumerKey: k.ConsumerKey, ConsumerSecret: k.ConsumerSecret}, err
			}
		}
		return x.App{}, err
	}
}

func pastedForX(keys func(context.Context) (map[string]keyOfX, error)) func(context.Context, string) (channel.Access, error) {
	return func(ctx context.Context, account string) (channel.Access, error) {
		all, err := keys(ctx)
		k := all[account]
		if k.Bearer != "" {
			return channel.Access{Account: account, Token: k.Bearer}, err
		}
		return channel.Access{Account: account, Token: k.Token, Secret: k.TokenSecret}, err
	}
}

func read[T any](secrets *secret.Client, id string) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return secret.Decode[T](ctx, secrets, id) }
}

// opener opens the sealed ids of citizens with the installation's secret.
func opener(secrets *secret.Client, id string) func(context.Context, string) (string, error) {
	held := read[struct{ Key string }](secrets, id)
	return func(ctx context.Context, text string) (string, error) {
		key, err := held(ctx)
		if err != nil {
			return "", err
		}
		citizens, err := citizen.Parse(key.Key)
		if err != nil {
			return "", fault.New(fault.Transient, "deliver.opener", err)
		}
		plain, err := citizens.Open(text)
		if err != nil {
			return "", fault.New(fault.Permanent, "deliver.opener", err)
		}
		return plain, nil
	}
}
