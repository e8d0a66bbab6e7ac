// Command tick is the function that hands over what has come due, every minute and to the second.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/relay"
	"sence.gob.cl/gestor/shared/sqs"
	"sence.gob.cl/gestor/shared/tick"
)

func main() { lambdakit.Main("tick", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	table, bitacora := env.Text("GESTOR_TABLE"), env.Text("GESTOR_BITACORA")
	work := map[outbox.Worker]string{
		outbox.Deliver: env.Text("GESTOR_QUEUE_OUTBOUND"), outbox.Escalate: env.Text("GESTOR_QUEUE_SIAC"),
		outbox.Fetch: env.Text("GESTOR_QUEUE_FETCH"),
	}
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	if err := env.Err(); err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	store := dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(aws), Table: table, Bitacora: bitacora, Clock: time.Now})
	t := tick.New(store, relay.New(sqs.NewHandOver(awssqs.NewFromConfig(aws), work, "")))
	kit := lambdakit.New(log, timeout)
	ripe := kit.Parallel("ripe", 4, func(ctx context.Context, _ time.Time, m lambdakit.Message) error {
		return t.Ripe(ctx, m.Body)
	})
	lambda.StartWithOptions(kit.Minute("sweep", t.Sweep, ripe), lambda.WithContext(ctx))
	return nil
}
