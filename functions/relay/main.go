// Command relay is the function that hands new outbox messages to their workers.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/relay"
	"sence.gob.cl/gestor/shared/sqs"
)

func main() { lambdakit.Main("relay", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	work := map[outbox.Worker]string{
		outbox.Deliver: env.Text("GESTOR_QUEUE_OUTBOUND"), outbox.Escalate: env.Text("GESTOR_QUEUE_SIAC"),
		outbox.Fetch: env.Text("GESTOR_QUEUE_FETCH"),
	}
	soon := env.Text("GESTOR_QUEUE_SOON")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	if err := env.Err(); err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	r := relay.New(sqs.NewHandOver(awssqs.NewFromConfig(aws), work, soon))
	lambda.StartWithOptions(lambdakit.New(log, timeout).Stream("message", func(ctx context.Context, now time.Time, rec lambdakit.Record) error {
		m, err := dynamo.DecodeMessage(rec.Text[dynamo.RowAttribute])
		if err != nil {
			return err
		}
		return r.Handle(ctx, now, m)
	}), lambda.WithContext(ctx))
	return nil
}
