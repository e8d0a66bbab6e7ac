package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/desk"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/judge"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/picture"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/web"
)

// told is what the environment says.
type told struct {
	table, bitacora, bucket, connectKey, domain, home string
	login                                             desk.Login
	policy                                            ticket.Policy
	accounts                                          mention.Accounts
	daily                                             int64
	timeout                                           time.Duration
	localS3                                           bool
}

func read(env *config.Env) (told, error) {
	t := told{
		table: env.Text("GESTOR_TABLE"), bitacora: env.Text("GESTOR_BITACORA"), bucket: env.Text("GESTOR_BUCKET_MEDIA"),
		connectKey: env.Text("GESTOR_SECRET_CONNECT_KEY"), domain: env.Optional("GESTOR_OIDC_DOMAIN"),
		home:  strings.TrimSuffix(env.Text("GESTOR_CONSOLE_URL"), "/"),
		login: desk.Login{Issuer: env.Text("GESTOR_OIDC_ISSUER"), ClientID: env.Text("GESTOR_OIDC_CLIENT_ID")}, policy: ticket.DefaultPolicy(),
		timeout: env.Seconds("GESTOR_TIMEOUT_SECONDS"), localS3: env.Optional("AWS_ENDPOINT_URL_S3") != "",
	}
	t.policy.Undo, t.policy.HumanAgent = env.Duration("GESTOR_ESCALATE_UNDO"), env.Optional("GESTOR_HUMAN_AGENT") == "yes"
	t.policy.DoubtHours = env.Count("GESTOR_DOUBT_HOURS")
	ours := env.Text("GESTOR_ACCOUNTS_JSON")
	if err := env.Err(); err != nil {
		return told{}, err
	}
	var errAccounts, errDaily error
	t.accounts, errAccounts = mention.ParseAccounts([]byte(ours))
	t.daily, errDaily = channel.ParseUSD(env.Optional("GESTOR_X_DAILY_USD"))
	return t, errors.Join(errAccounts, errDaily)
}

func assemble(ctx context.Context, t told, cfg aws.Config, log *slog.Logger) (*desk.Desk, error) {
	almanac, err := calendar.LoadAlmanac()
	if err != nil {
		return nil, err
	}
	linter, err := post.NewLinter()
	if err != nil {
		return nil, err
	}
	store := dynamo.New(dynamo.Config{
		Client: dynamodb.NewFromConfig(cfg), Table: t.table, Bitacora: t.bitacora, Clock: time.Now, At: lambdakit.At,
	})
	objects := awss3.NewFromConfig(cfg, s3.PathStyle(t.localS3))
	signer := awss3.NewPresignClient(objects)
	library := s3.NewLibrary(objects, signer, t.bucket)
	models := s3.NewModels(objects, t.bucket)
	storage, err := library.Origin(ctx)
	if err != nil {
		return nil, err
	}
	console, err := web.Handler(t.login.Issuer, t.domain, storage)
	if err != nil {
		return nil, err
	}
	return desk.New(desk.Config{
		Cases: store, Feedback: store, Feeds: store, Finder: store, Channels: store, Plans: store, Campaigns: store, Days: almanac, Linter: linter, Accounts: t.accounts, Home: t.home, DailyMicros: t.daily,
		Sealer:   access.New(access.Config{Key: key(secret.New(secretsmanager.NewFromConfig(cfg), time.Now, 5*time.Minute), t.connectKey), Random: rand.Reader}),
		Media:    s3.NewMedia(objects, signer, t.bucket),
		Library:  desk.Library{Files: store, Bytes: library, Links: library, Look: picture.Look, Uses: store},
		Models:   desk.Models{Register: store, Bytes: models},
		Calendar: almanac.Calendar, Classifier: judge.New(judge.Config{Register: store, Storage: models, Own: classify.New(), Log: log}), Policy: t.policy, Login: t.login, Console: console, Word: rand.Text,
		Entropy: func() (e [10]byte) { _, _ = rand.Read(e[:]); return e },
		Arrived: lambdakit.At, Claims: lambdakit.Claims, Log: log,
	}), nil
}

// key reads the secret under which desk seals what people bring to a connection: it opens nothing else.
func key(secrets *secret.Client, id string) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		held, err := secret.Decode[struct{ Key string }](ctx, secrets, id)
		if err != nil {
			return nil, err
		}
		raw, err := base64.StdEncoding.DecodeString(held.Key)
		if err != nil { // its own error says where, in a secret
			return nil, fault.New(fault.Transient, "desk.key", nil)
		}
		return raw, nil
	}
}
