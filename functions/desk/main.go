// Command desk is the function behind the API and the console of the people who answer.
package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/desk"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/web"
)

func main() { lambdakit.Main("desk", run) }

func run(ctx context.Context, log *slog.Logger) error {
	env := config.New(os.Getenv)
	table, bitacora := env.Text("GESTOR_TABLE"), env.Text("GESTOR_BITACORA")
	login := desk.Login{Issuer: env.Text("GESTOR_OIDC_ISSUER"), ClientID: env.Text("GESTOR_OIDC_CLIENT_ID")}
	domain := env.Optional("GESTOR_OIDC_DOMAIN")
	policy := ticket.DefaultPolicy()
	policy.Undo = env.Duration("GESTOR_ESCALATE_UNDO")
	timeout := env.Seconds("GESTOR_TIMEOUT_SECONDS")
	ours := env.Text("GESTOR_ACCOUNTS_JSON")
	if err := env.Err(); err != nil {
		return err
	}
	accounts, err := mention.ParseAccounts([]byte(ours))
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
	console, err := web.Handler(login.Issuer, domain)
	if err != nil {
		return err
	}
	store := dynamo.New(dynamo.Config{
		Client: dynamodb.NewFromConfig(aws), Table: table, Bitacora: bitacora, Clock: time.Now, At: lambdakit.At,
	})
	d := desk.New(desk.Config{
		Cases: store, Feeds: store, Finder: store, Channels: store, Accounts: accounts, Word: rand.Text, Calendar: days, Policy: policy, Login: login, Console: console,
		Arrived: lambdakit.At, Claims: lambdakit.Claims, Log: log,
	})
	lambda.StartWithOptions(lambdakit.New(log, timeout).HTTP("desk", d), lambda.WithContext(ctx))
	return nil
}
