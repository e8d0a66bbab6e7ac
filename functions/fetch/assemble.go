package main

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/media"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/sqs"
	"sence.gob.cl/gestor/shared/ways"
)

// told is what the environment says.
type told struct {
	table, bitacora, inbox, bucket string
	citizenKey, connectKey         string
	webhook, media, xDaily, owner  string
	networks                       ways.Config
	timeout                        time.Duration
	localS3                        bool
}

func read(env *config.Env) (told, error) {
	t := told{
		table: env.Text("GESTOR_TABLE"), bitacora: env.Text("GESTOR_BITACORA"), inbox: env.Text("GESTOR_QUEUE_INBOX"),
		bucket: env.Text("GESTOR_BUCKET_MEDIA"), citizenKey: env.Text("GESTOR_SECRET_CITIZEN_KEY"),
		connectKey: env.Text("GESTOR_SECRET_CONNECT_KEY"), webhook: strings.TrimSuffix(env.Text("GESTOR_WEBHOOK_URL"), "/"),
		media: env.Optional("GESTOR_MEDIA_URL"), xDaily: env.Optional("GESTOR_X_DAILY_USD"), owner: env.Text("GESTOR_FUNCTION"),
		networks: ways.Read(env), timeout: env.Seconds("GESTOR_TIMEOUT_SECONDS"), localS3: env.Optional("AWS_ENDPOINT_URL_S3") != "",
	}
	return t, env.Err()
}

func assemble(t told, cfg aws.Config, kit *lambdakit.Kit) (*fetch.Worker, error) {
	days, err := calendar.Load()
	if err != nil {
		return nil, err
	}
	limit, err := channel.ParseUSD(t.xDaily)
	if err != nil {
		return nil, err
	}
	downloads, err := media.New(media.Config{Local: t.media})
	if err != nil {
		return nil, err
	}
	secrets := secret.New(secretsmanager.NewFromConfig(cfg), time.Now, 5*time.Minute)
	store := dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(cfg), Table: t.table, Bitacora: t.bitacora, Clock: time.Now, At: lambdakit.At})
	to, err := ways.New(t.networks, secrets, store, ways.Clock{At: lambdakit.At, Wall: time.Now}, t.owner)
	if err != nil {
		return nil, err
	}
	networks := map[mention.Network]fetch.Network{}
	for n, reader := range to.Readers {
		networks[n] = fetch.Network{Reader: reader, Provider: to.Providers[n], Lists: to.Lists[n]}
	}
	files := s3.NewMedia(awss3.NewFromConfig(cfg, s3.PathStyle(t.localS3)), nil, t.bucket)
	return fetch.New(fetch.Config{
		Channels: store, Cases: store, Posts: store, Connections: store, Networks: networks, Keys: to.Keys, Vault: to.Keys,
		Brought: ways.Sealer(secrets, t.connectKey), Back: ways.Back(secrets, t.citizenKey),
		Inbox: sqs.NewQueue(awssqs.NewFromConfig(cfg), t.inbox), Downloads: downloads, Files: files,
		Callback: func(n mention.Network) string { return t.webhook + "/webhooks/" + string(n) },
		Limit:    limit, Day: func(at time.Time) string { return days.DateOf(at, nil).String() },
		Part: kit.Part("account"), Jitter: rand.Float64,
	}), nil
}
