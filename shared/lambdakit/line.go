package lambdakit

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/unit"
)

// Namespace is where CloudWatch shows the metrics.
const Namespace = "Gestor"

// work runs one unit of work at the instant now and writes its line.
func (k *Kit) work(ctx context.Context, name string, now time.Time, do func(context.Context) error, attrs ...slog.Attr) error {
	ctx, w := unit.Begin(context.WithValue(ctx, arrival{}, now), "")
	err := k.guard(ctx, name, func() error { return do(ctx) })
	k.report(ctx, name, now, w, err, attrs...)
	return err
}

// report writes the one line of a unit of work: what it was, how it ended, which chain and which cases it belongs to, or
// what else it is about, how often it was tried, what it counted. Never its content.
func (k *Kit) report(ctx context.Context, name string, now time.Time, w *unit.Work, err error, attrs ...slog.Attr) {
	level, outcome := slog.LevelInfo, "ok"
	if err != nil {
		level, outcome = levelOf(fault.Of(err)), fault.Of(err).String()
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	facts := w.Facts()
	line := []slog.Attr{slog.String("unit", name), slog.String("outcome", outcome)}
	if facts.Trace != "" {
		line = append(line, slog.String("trace", facts.Trace))
	}
	if len(facts.Tickets) > 0 {
		line = append(line, slog.Any("tickets", facts.Tickets))
	}
	if len(facts.Causes) > 0 {
		line = append(line, slog.Any("causes", facts.Causes))
	}
	if facts.Network != "" {
		line = append(line, slog.String("network", facts.Network))
	}
	if facts.Refused != "" {
		line = append(line, slog.String("refused", facts.Refused))
	}
	line = append(append(line, attrs...), metrics(facts, now)...)
	k.log.LogAttrs(ctx, level, "unit", line...)
}

// The shapes of the embedded metric format: CloudWatch makes metrics of the line's own fields that it names
// (docs.aws.amazon.com, "Specification: Embedded metric format").
type (
	embedded struct {
		Timestamp int64       `json:"Timestamp"` // milliseconds
		Metrics   []directive `json:"CloudWatchMetrics"`
	}
	directive struct {
		Namespace  string       `json:"Namespace"`
		Dimensions [][]string   `json:"Dimensions"`
		Metrics    []definition `json:"Metrics"`
	}
	definition struct {
		Name string `json:"Name"`
		Unit string `json:"Unit"`
	}
)

// metrics are the line's counts and what makes metrics of them: of the function, and of the network where there is one.
func metrics(facts unit.Facts, now time.Time) []slog.Attr {
	if len(facts.Counts) == 0 {
		return nil
	}
	dimensions := [][]string{{"function"}}
	if facts.Network != "" {
		dimensions = append(dimensions, []string{"network"})
	}
	var defined []definition
	var values []slog.Attr
	for _, m := range slices.Sorted(maps.Keys(facts.Counts)) {
		of := "Count"
		if m.Seconds() {
			of = "Seconds"
		}
		defined = append(defined, definition{string(m), of})
		values = append(values, slog.Float64(string(m), facts.Counts[m]))
	}
	emf := embedded{now.UnixMilli(), []directive{{Namespace, dimensions, defined}}}
	return append(values, slog.Any("_aws", emf))
}
