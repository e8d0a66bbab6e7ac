// Command deliver is the function that says our replies on their networks, and tells our people by e-mail of what waits for
// them.
package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/secret"
)

func main() { lambdakit.Main("deliver", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	table, bitacora := env.Text("GESTOR_TABLE"), env.Text("GESTOR_BITACORA")
	citizenKey := env.Text("GESTOR_SECRET_CITIZEN_KEY")
	to, from, console := env.Optional("GESTOR_NOTICE_TO"), env.Optional("GESTOR_NOTICE_FROM"), env.Text("GESTOR_CONSOLE_URL")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	secrets := secret.New(secretsmanager.NewFromConfig(aws), time.Now, 5*time.Minute)
	platforms, errNetworks := networks(env, secrets)
	quiet, errQuiet := calendar.ParseQuiet(env.Optional("GESTOR_QUIET_HOURS"))
	store := dynamo.New(dynamo.Config{Client: dynamodb.NewFromConfig(aws), Table: table, Bitacora: bitacora, Clock: time.Now, At: lambdakit.At})
	held, errAccounts := accounts(store, env.Optional("GESTOR_X_DAILY_USD"))
	if err := errors.Join(env.Err(), errNetworks, errQuiet, errAccounts); err != nil {
		return err
	}
	worker := deliver.New(deliver.Config{
		Store:     store,
		Accounts:  held,
		Platforms: platforms,
		Open:      opener(secrets, citizenKey),
		Jitter:    rand.Float64,
		Notices:   notices(aws, to, from, console, quiet, log),
	})
	lambda.StartWithOptions(lambdakit.New(log, timeout).Queue("reply", func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	}), lambda.WithContext(ctx))
	return nil
}
