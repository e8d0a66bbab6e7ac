// Command intake is the function that understands deliveries and opens or extends cases.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/lambdakit"
)

// width is how many deliveries of one batch are worked side by side.
const width = 4

func main() { lambdakit.Main("intake", run) }

func run(ctx context.Context, log *slog.Logger) error {
	told, err := read(config.New(os.Getenv))
	if err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	kit := lambdakit.New(log, told.timeout)
	worker, err := assemble(ctx, told, aws, kit, log)
	if err != nil {
		return err
	}
	lambda.StartWithOptions(kit.Parallel("delivery", width, func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	}), lambda.WithContext(ctx))
	return nil
}
