// Command desk is the function behind the API and the console of the people who answer.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/lambdakit"
)

func main() { lambdakit.Main("desk", run) }

func run(ctx context.Context, log *slog.Logger) error {
	told, err := read(config.New(os.Getenv))
	if err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	d, err := assemble(ctx, told, aws, log)
	if err != nil {
		return err
	}
	lambda.StartWithOptions(lambdakit.New(log, told.timeout).HTTP("desk", d), lambda.WithContext(ctx))
	return nil
}
