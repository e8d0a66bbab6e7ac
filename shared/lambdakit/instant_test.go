package lambdakit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/shared/lambdakit"
)

// Whatever the trigger, At gives the same instant the work is given: stores filter by it what has expired.
func TestAt_OfEveryTrigger(t *testing.T) {
	kit, _ := newKit()
	met := map[string]string{}
	note := func(name string) func(context.Context, time.Time) error {
		return func(ctx context.Context, now time.Time) error {
			met[name] = fmt.Sprint(now.Equal(noon()) && lambdakit.At(ctx).Equal(now))
			return nil
		}
	}
	message := func(name string) func(context.Context, time.Time, lambdakit.Message) error {
		return func(ctx context.Context, now time.Time, _ lambdakit.Message) error { return note(name)(ctx, now) }
	}
	ctx, batch := invoked(t, noon()), sqsEvent(queued("m1", "", 1))
	_, errQueue := kit.Queue("unit", message("queue"))(ctx, batch)
	_, errParallel := kit.Parallel("unit", 1, message("parallel"))(ctx, batch)
	_, errStream := kit.Stream("unit", func(ctx context.Context, now time.Time, _ lambdakit.Record) error {
		return note("stream")(ctx, now)
	})(ctx, events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{{}}})
	_, errMinute := kit.Minute("unit", note("minute"), nil)(invoked(t, noon().Add(time.Hour)), json.RawMessage(`{"time":"2026-11-23T15:00:00Z"}`))
	for name, err := range map[string]error{"queue": errQueue, "parallel": errParallel, "stream": errStream, "minute": errMinute} {
		if err != nil || met[name] != "true" {
			t.Errorf("%s: met %q, %v", name, met[name], err)
		}
	}
	if !lambdakit.At(ctx).IsZero() {
		t.Error("there is an instant outside of any work")
	}
}
