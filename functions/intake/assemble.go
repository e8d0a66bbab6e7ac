package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/judge"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// told is what the environment says.
type told struct {
	table, bitacora, bucket, media, citizenKey string
	accounts                                   mention.Accounts
	policy                                     ticket.Policy
	timeout                                    time.Duration
	localS3                                    bool
}

func read(env *config.Env) (told, error) {
	t := told{
		table: env.Text("GESTOR_TABLE"), bitacora: env.Text("GESTOR_BITACORA"), bucket: env.Text("GESTOR_BUCKET_RAW"),
		media: env.Text("GESTOR_BUCKET_MEDIA"), citizenKey: env.Text("GESTOR_SECRET_CITIZEN_KEY"), policy: ticket.DefaultPolicy(),
		timeout: env.Seconds("GESTOR_TIMEOUT_SECONDS"), localS3: env.Optional("AWS_ENDPOINT_URL_S3") != "",
	}
	t.policy.Undo, t.policy.DoubtHours = env.Duration("GESTOR_ESCALATE_UNDO"), env.Count("GESTOR_DOUBT_HOURS")
	accounts := env.Text("GESTOR_ACCOUNTS_JSON")
	if err := env.Err(); err != nil {
		return told{}, err
	}
	var err error
	t.accounts, err = mention.ParseAccounts([]byte(accounts))
	return t, err
}

func assemble(ctx context.Context, t told, cfg aws.Config, kit *lambdakit.Kit, log *slog.Logger) (*intake.Worker, error) {
	days, err := calendar.Load()
	if err != nil {
		return nil, err
	}
	held, err := secret.Decode[struct{ Key string }](ctx, secret.New(secretsmanager.NewFromConfig(cfg), time.Now, time.Hour), t.citizenKey)
	if err != nil {
		return nil, err
	}
	citizens, err := citizen.Parse(held.Key)
	if err != nil {
		return nil, err
	}
	store := dynamo.New(dynamo.Config{
		Client: dynamodb.NewFromConfig(cfg), Table: t.table, Bitacora: t.bitacora, Clock: time.Now, At: lambdakit.At,
	})
	objects := awss3.NewFromConfig(cfg, s3.PathStyle(t.localS3))
	return intake.New(intake.Config{
		Store: store, Replies: store, Channels: store, Posts: store,
		Blobs:      s3.New(objects, t.bucket),
		Classifier: judge.New(judge.Config{Register: store, Storage: s3.NewModels(objects, t.media), Own: classify.New(), Log: log}),
		Calendar:   days, Citizens: citizens, Policy: t.policy, Accounts: t.accounts,
		Decode: map[mention.Network]func([]byte, mention.Accounts) []mention.Event{
			mention.Facebook: meta.Decode, mention.Instagram: meta.DecodeInstagram, mention.WhatsApp: whatsapp.Decode,
			mention.X: x.Decode, mention.LinkedIn: linkedin.Decode,
		},
		Entropy: func() (e [10]byte) { _, _ = rand.Read(e[:]); return e },
		Count:   kit.CountEvent,
	}), nil
}
