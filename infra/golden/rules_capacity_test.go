package golden

import (
	"time"

	"sence.gob.cl/gestor/shared/ticket"
)

// firstCapacity is what a new on-demand table serves per second, in write units (style.md §9.3); a throttled index
// throttles the whole table.
const firstCapacity = 4000

// writer is one who writes the work table: the units one piece of its work costs and the seconds it takes at its fastest,
// which loads most. Units are measured by TestCost of shared/dynamo (17 to queue a mention with its escalation, 14 for a
// reply claimed and sent, 12 for a filing, 14 for the dearest click), and rounded up to what the project accepts.
type writer struct {
	seconds, units float64
}

func writers() map[string]writer {
	return map[string]writer{
		"IntakeSource":   {0.6 / 10, 20}, // a batch of ten takes 0.6 s
		"DeliverSource":  {0.5, 15},      // one call of a network between two writes
		"EscalateSource": {0.5, 15},
		"FetchSource":    {0.5, 15},     // as deliver: one call of a network, and what came of it
		"TickSource":     {0.5 / 10, 3}, // marks what it hands over
	}
}

// clickUnits is the most that one request of a person writes.
const clickUnits = 15

// workersFitTheTable: what runs at once ÷ seconds of a piece × units of a piece, summed over all who write, and for people
// what the API lets through in a second. More is refused: what does not fit waits in its queue and not in a throttled table.
func workersFitTheTable(t tmpl) []finding {
	var out []finding
	sum := 0.0
	for id, w := range writers() {
		batch, atOnce := number(t.prop(id, "BatchSize")), number(t.prop(id, "ScalingConfig", "MaximumConcurrency"))
		if batch < 1 || atOnce < 1 {
			out = append(out, found(id, "has no bound to compute with"))
			continue
		}
		sum += atOnce / w.seconds * w.units
	}
	people := number(t.prop("ApiStage", "RouteSettings", "ANY /api/v1/{proxy+}", "ThrottlingRateLimit"))
	if people < 1 {
		out = append(out, found("ApiStage", "lets people ask without a bound"))
	}
	if sum += people * clickUnits; sum > firstCapacity {
		out = append(out, found("WorkTable", "may be asked to write %.0f units per second, it serves %d", sum, firstCapacity))
	}
	for _, id := range t.of("Lambda::Function") {
		_, counted := writers()[stem(id)+"Source"]
		if t.may(stem(id)+"Role", "dynamodb:PutItem", "${WorkTable.Arn}") && !counted && id != "DeskFunction" {
			out = append(out, found(id, "writes the table and is not counted"))
		}
	}
	return out
}

// commitsAreSeen: a reader of changes goes back ticket.ChangeOverlap; an invocation that ran for longer could commit behind
// its back, and people would not see that change.
func commitsAreSeen(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("Lambda::Function") {
		timeout := time.Duration(number(t.prop(id, "Timeout"))) * time.Second
		if timeout <= 0 || timeout >= ticket.ChangeOverlap {
			out = append(out, found(id, "may run for %v, readers go back %v", timeout, ticket.ChangeOverlap))
		}
	}
	return out
}

func capacityFaults() []fault {
	capacity, seen := "the writers stay under the table's first capacity", "no function outruns the readers of changes"
	return []fault{
		{"twice as many intakes", capacity, "WorkTable", set("IntakeSource", 16.0, "ScalingConfig", "MaximumConcurrency")},
		{"fifty deliveries at once", capacity, "WorkTable", set("DeliverSource", 50.0, "ScalingConfig", "MaximumConcurrency")},
		{"deliver without a bound", capacity, "DeliverSource", set("DeliverSource", nil, "ScalingConfig")},
		{"people without a bound", capacity, "ApiStage", set("ApiStage", nil, "RouteSettings")},
		{"people as many as citizens", capacity, "WorkTable", set("ApiStage", 500.0, "RouteSettings", "ANY /api/v1/{proxy+}", "ThrottlingRateLimit")},
		{"another writer", capacity, "WebhookFunction", permit("WebhookRole", "dynamodb:PutItem", arnOf("WorkTable"))},
		{"a function that runs for two minutes", seen, "IntakeFunction", set("IntakeFunction", 120.0, "Timeout")},
	}
}
