// Command intake is the function that understands deliveries and opens or extends cases.
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/ticket"
)

func main() { lambdakit.Main("intake", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	table, bitacora, bucket := env.Text("GESTOR_TABLE"), env.Text("GESTOR_BITACORA"), env.Text("GESTOR_BUCKET_RAW")
	citizenKey, accountsText := env.Text("GESTOR_SECRET_CITIZEN_KEY"), env.Text("GESTOR_ACCOUNTS_JSON")
	policy := ticket.DefaultPolicy()
	policy.Undo, policy.DoubtHours = env.Duration("GESTOR_ESCALATE_UNDO"), env.Count("GESTOR_DOUBT_HOURS")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	if err := env.Err(); err != nil {
		return err
	}
	accounts, err := mention.ParseAccounts([]byte(accountsText))
	if err != nil {
		return err
	}
	days, err := calendar.Load()
	if err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	type keyed struct{ Key string }
	held, err := secret.Decode[keyed](ctx, secret.New(secretsmanager.NewFromConfig(aws), time.Now, time.Hour), citizenKey)
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(held.Key)
	if err != nil {
		return err
	}
	kit := lambdakit.New(log, timeout)
	worker := intake.New(intake.Config{
		Store:    dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(aws), Table: table, Bitacora: bitacora, Clock: time.Now}),
		Blobs:    s3.New(awss3.NewFromConfig(aws, s3.PathStyle(env.Optional("AWS_ENDPOINT_URL_S3") != "")), bucket),
		Calendar: days, Classifier: classify.New(), CitizenKey: key, Policy: policy,
		Decode: map[mention.Network]func([]byte) []mention.Event{
			mention.Facebook: func(body []byte) []mention.Event { return meta.Decode(body, accounts) },
		},
		Entropy: func() (e [10]byte) { _, _ = rand.Read(e[:]); return e },
		Count:   kit.CountEvent,
	})
	lambda.StartWithOptions(kit.Parallel("delivery", 4, func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	}), lambda.WithContext(ctx))
	return nil
}
