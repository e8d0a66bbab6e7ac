package main

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/ways"
)

// told is what the environment says.
type told struct {
	table, bitacora, citizenKey, owner string
	to, from, console                  string
	networks                           ways.Config
	quiet                              calendar.Quiet
	xDaily                             string
	bucket                             string
	timeout                            time.Duration
	localS3                            bool
}

func read(env *config.Env) (told, error) {
	t := told{
		table: env.Text("GESTOR_TABLE"), bitacora: env.Text("GESTOR_BITACORA"), citizenKey: env.Text("GESTOR_SECRET_CITIZEN_KEY"),
		owner: env.Text("GESTOR_FUNCTION"), to: env.Optional("GESTOR_NOTICE_TO"), from: env.Optional("GESTOR_NOTICE_FROM"),
		console: env.Text("GESTOR_CONSOLE_URL"), networks: ways.Read(env), xDaily: env.Optional("GESTOR_X_DAILY_USD"),
		bucket: env.Text("GESTOR_BUCKET_MEDIA"), timeout: env.Seconds("GESTOR_TIMEOUT_SECONDS"),
		localS3: env.Optional("AWS_ENDPOINT_URL_S3") != "",
	}
	var err error
	t.quiet, err = calendar.ParseQuiet(env.Optional("GESTOR_QUIET_HOURS"))
	return t, errors.Join(env.Err(), err)
}

func assemble(t told, cfg aws.Config, log *slog.Logger) (*deliver.Worker, error) {
	secrets := secret.New(secretsmanager.NewFromConfig(cfg), time.Now, 5*time.Minute)
	store := dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(cfg), Table: t.table, Bitacora: t.bitacora, Clock: time.Now, At: lambdakit.At})
	objects := awss3.NewFromConfig(cfg, s3.PathStyle(t.localS3))
	t.networks.Files = s3.NewFiles(s3.NewLibrary(objects, awss3.NewPresignClient(objects), t.bucket), store.File)
	out, err := ways.New(t.networks, secrets, store, ways.Clock{At: lambdakit.At, Wall: time.Now}, t.owner)
	if err != nil {
		return nil, err
	}
	through, err := accounts(store, t.xDaily)
	if err != nil {
		return nil, err
	}
	platforms := map[mention.Network]deliver.Platform{}
	for n, way := range out.Answerers {
		platforms[n] = way
	}
	publishers := map[mention.Network]deliver.Publisher{}
	for n, way := range out.Publishers {
		publishers[n] = way
	}
	rules, err := publishing()
	if err != nil {
		return nil, err
	}
	return deliver.New(deliver.Config{
		Store: store, Accounts: through, Platforms: platforms, Posts: store, Publishers: publishers, Publishing: rules,
		Open: ways.Person(secrets, t.citizenKey), Jitter: rand.Float64, Notices: notices(cfg, t.to, t.from, t.console, t.quiet, log),
	}), nil
}
