// Command escalate is the function that files cases in SIAC.
package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/escalate"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/siac"
)

func main() { lambdakit.Main("escalate", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	table, bitacora := env.Text("GESTOR_TABLE"), env.Text("GESTOR_BITACORA")
	credentials, base := env.Text("GESTOR_SECRET_SIAC"), env.Text("GESTOR_SIAC_URL")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	if err := env.Err(); err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	secrets := secret.New(secretsmanager.NewFromConfig(aws), time.Now, 5*time.Minute)
	type access struct{ Token string }
	worker := escalate.New(escalate.Config{
		Store: dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(aws), Table: table, Bitacora: bitacora, Clock: time.Now, At: lambdakit.At}),
		Filer: siac.NewFiler[escalate.Case](base, func(ctx context.Context) (string, error) {
			held, err := secret.Decode[access](ctx, secrets, credentials)
			return held.Token, err
		}),
		Jitter: rand.Float64,
	})
	lambda.StartWithOptions(lambdakit.New(log, timeout).Queue("filing", func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	}), lambda.WithContext(ctx))
	return nil
}
