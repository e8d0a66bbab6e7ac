// Command webhook is the function that takes the networks' deliveries.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/s3"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/sqs"
	"sence.gob.cl/gestor/shared/webhook"
)

func main() { lambdakit.Main("webhook", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	inbox, bucket := env.Text("GESTOR_QUEUE_INBOX"), env.Text("GESTOR_BUCKET_RAW")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	taken := networks(env, secret.New(secretsmanager.NewFromConfig(aws), time.Now, 5*time.Minute))
	if err := env.Err(); err != nil {
		return err
	}
	blobs := awss3.NewFromConfig(aws, s3.PathStyle(env.Optional("AWS_ENDPOINT_URL_S3") != ""))
	receiver := webhook.New(webhook.Config{
		Networks: taken,
		Inbox:    sqs.NewQueue(awssqs.NewFromConfig(aws), inbox),
		Blobs:    s3.New(blobs, bucket),
		Arrived:  lambdakit.At,
	})
	lambda.StartWithOptions(lambdakit.New(log, timeout).HTTP("webhook", receiver), lambda.WithContext(ctx))
	return nil
}
