// Command fetch is the function that looks at our accounts every minute, and reads what the networks only named.
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

func main() { lambdakit.Main("fetch", run) }

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
	worker, err := assemble(told, aws, kit)
	if err != nil {
		return err
	}
	queue := kit.Queue("fetch", func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	})
	lambda.StartWithOptions(kit.Minute("look", worker.Look, queue), lambda.WithContext(ctx))
	return nil
}
