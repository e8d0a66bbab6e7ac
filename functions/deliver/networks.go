package main

import (
	"context"

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
	toWhatsApp, err := whatsapp.NewOutbound(whatsapp.Config{BaseURL: graph, AppSecret: proof}, tokens)
	if err != nil {
		return nil, err
	}
	toX, err := x.NewOutbound(x.Config{BaseURL: env.Text("GESTOR_X_URL")},
		read[map[string]x.Tokens](secrets, env.Text("GESTOR_SECRET_X_TOKENS")))
	if err != nil {
		return nil, err
	}
	toLinkedIn, err := linkedin.NewOutbound(linkedin.Config{BaseURL: env.Text("GESTOR_LINKEDIN_URL")},
		read[map[string]string](secrets, env.Text("GESTOR_SECRET_LINKEDIN_TOKENS")))
	if err != nil {
		return nil, err
	}
	return speakers(map[mention.Network]speaker{
		mention.Facebook:  meta.NewOutbound(meta.Config{BaseURL: graph}, app, tokens),
		mention.Instagram: meta.NewInstagramOutbound(meta.Config{BaseURL: graph}, app, tokens),
		mention.WhatsApp:  toWhatsApp, mention.X: toX, mention.LinkedIn: toLinkedIn,
	}), nil
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
