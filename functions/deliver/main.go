// Command deliver is the function that says our replies and our posts on their networks, and tells our people by e-mail of what
// waits for them.
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

func main() { lambdakit.Main("deliver", run) }

func run(ctx context.Context, log *slog.Logger) error {
	told, err := read(config.New(os.Getenv))
	if err != nil {
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	worker, err := assemble(told, aws, log)
	if err != nil {
		return err
	}
	lambda.StartWithOptions(lambdakit.New(log, told.timeout).Queue("reply", func(ctx context.Context, now time.Time, m lambdakit.Message) error {
		return worker.Handle(ctx, now, m.Body)
	}), lambda.WithContext(ctx))
	return nil
}
