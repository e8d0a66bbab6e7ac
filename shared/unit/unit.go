// Package unit gathers what one unit of work (a request, a queue message, a stream record, a sweep) learns about itself:
// which chain of events it belongs to, which case it touched, what it counts. The edge writes it as one log line and as
// metrics; whoever does the work only notes facts, and none of them may be personal.
package unit

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Metric is the name of something counted, as CloudWatch shows it in the namespace Gestor.
type Metric string

// The metrics. The alarms and the dashboard of infra name the same ones.
const (
	Acked           Metric = "Acked"                // deliveries taken and stored before the network was told so
	Refused         Metric = "Refused"              // deliveries whose signature or handshake was not right
	Items           Metric = "Items"                // items of deliveries, whatever they were
	Duplicates      Metric = "Duplicates"           // items known already
	Opened          Metric = "Opened"               // cases opened
	Repaired        Metric = "Repaired"             // items that came by looking, because no delivery had brought them
	UnknownOutcomes Metric = "UnknownOutcomes"      // acts of which nobody can say yet whether they were carried out
	AttentionRaised Metric = "AttentionRaised"      // matters given to a person
	NetworkCalls    Metric = "NetworkCalls"         // calls that a network may charge or limit
	WriteUnits      Metric = "WriteUnits"           // DynamoDB write units consumed, indexes included
	OldestDueWork   Metric = "OldestDueWorkSeconds" // age of the oldest due work that is not finished

	ChannelsPaused   Metric = "ChannelsPaused"   // accounts of ours through which nothing goes out
	ChannelsExpiring Metric = "ChannelsExpiring" // accounts of which something ends soon by itself
	Mended           Metric = "Mended"           // subscriptions that were gone and were made anew
	MediaLost        Metric = "MediaLost"        // media that could not be copied before they were gone
	ModelsUnusable   Metric = "ModelsUnusable"   // models that are named and cannot be used: another classifies in their place
)

// Seconds reports whether the metric is a duration in seconds; all others are counts.
func (m Metric) Seconds() bool { return m == OldestDueWork }

// Work is one unit of work. Its methods may be called from several goroutines.
type Work struct {
	mu      sync.Mutex
	trace   string
	tickets []string
	causes  []string
	network string
	refused string
	counts  map[Metric]float64
}

type key struct{}

// Begin opens a unit of work under a trace (empty when it is not known yet).
func Begin(ctx context.Context, trace string) (context.Context, *Work) {
	w := &Work{trace: trace, counts: map[Metric]float64{}}
	return context.WithValue(ctx, key{}, w), w
}

// Of gives the unit of work that ctx belongs to; outside any, one that nobody reads.
func Of(ctx context.Context) *Work {
	if w, ok := ctx.Value(key{}).(*Work); ok {
		return w
	}
	return &Work{counts: map[Metric]float64{}}
}

// Trace is the id under which all that follows from one arrival (a delivery, a click) can be found in the logs.
func (w *Work) Trace() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trace
}

// Follow makes the unit part of the chain it was caused by. An empty trace changes nothing.
func (w *Work) Follow(trace string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if trace != "" {
		w.trace = trace
	}
}

// maxTickets is how many cases one line names: a delivery may hold a thousand items.
const maxTickets = 50

// Ticket notes what the unit is about: a case by its id, or a cause that is no case, which has a colon in its name (package
// outbox). Of such a cause only the kind is noted: what follows the colon may lead to a person, or be a secret.
func (w *Work) Ticket(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if kind, _, other := strings.Cut(id, ":"); other {
		if !slices.Contains(w.causes, kind) && len(w.causes) < maxTickets {
			w.causes = append(w.causes, kind)
		}
		return
	}
	if id != "" && len(w.tickets) < maxTickets && !slices.Contains(w.tickets, id) {
		w.tickets = append(w.tickets, id)
	}
}

// Network notes which network the unit deals with.
func (w *Work) Network(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.network = name
}

// Refuse notes why the unit was turned away, in the words of an error: which hold nothing personal and no secret.
func (w *Work) Refuse(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.refused = err.Error()
	}
}

// Count adds n to a metric; n may be 0, so that a metric that alarms on its absence has a value.
func (w *Work) Count(m Metric, n float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[m] += n
}

// Facts are what was noted of a unit, for its line.
type Facts struct {
	Trace, Network string
	Refused        string
	Tickets        []string
	Causes         []string // what the unit is about besides cases: item, channel, connection
	Counts         map[Metric]float64
}

// Facts gives what was noted so far.
func (w *Work) Facts() Facts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Facts{
		Trace: w.trace, Network: w.network, Refused: w.refused, Tickets: slices.Clone(w.tickets), Causes: slices.Clone(w.causes),
		Counts: maps.Clone(w.counts),
	}
}
