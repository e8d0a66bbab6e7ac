package main

import (
	"context"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/webhook"
	"sence.gob.cl/gestor/shared/x"
)

// networks are those whose deliveries we take. Facebook, Instagram and WhatsApp sign alike, with the secret of one app.
func networks(env *config.Env, secrets *secret.Client) map[mention.Network]webhook.Verifier {
	app, xApp, linkedInApp := env.Text("GESTOR_SECRET_META_APP"), env.Text("GESTOR_SECRET_X_APP"), env.Text("GESTOR_SECRET_LINKEDIN_APP")
	signedByMeta := meta.NewInbound(func(ctx context.Context) (meta.AppSecret, error) {
		return secret.Decode[meta.AppSecret](ctx, secrets, app)
	})
	return map[mention.Network]webhook.Verifier{
		mention.Facebook: signedByMeta, mention.Instagram: signedByMeta, mention.WhatsApp: signedByMeta,
		mention.X: x.NewInbound(func(ctx context.Context) (x.Secret, error) {
			return secret.Decode[x.Secret](ctx, secrets, xApp)
		}),
		mention.LinkedIn: linkedin.NewInbound(func(ctx context.Context) (linkedin.Secret, error) {
			return secret.Decode[linkedin.Secret](ctx, secrets, linkedInApp)
		}),
	}
}
