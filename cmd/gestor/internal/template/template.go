// Package template reads the synthesized CloudFormation template, so that the local system plays what is deployed and
// nothing else.
//
// Parsing is strict on purpose: a resource type that is neither played nor deliberately left out, or a property that
// would change the behaviour and is not understood, is an error that names the logical id. That keeps infra and the local
// system from drifting apart silently.
package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Template is the part of a stack the local system plays. Lists are ordered by logical id.
type Template struct {
	Functions []Function
	Routes    []Route
	Sources   []Source
	Queues    []Queue
	Tables    []Table
	Rules     []Rule
	Buckets   []Bucket
	Secrets   []Secret
	// Throttle is what the API's stage allows. It is read and not enforced: one developer's machine is its own limit.
	Throttle   Throttle
	parameters map[string]parameter
	conditions map[string]any
}

// Function is one Lambda function. Name is the folder under functions/: logical id `WebhookFunction` → "webhook".
type Function struct {
	ID          string
	Name        string
	Environment map[string]Value
	Timeout     time.Duration
	MemoryMiB   int
	// Concurrency is ReservedConcurrentExecutions, 0 when the template sets none.
	Concurrency int
}

// Route is one route of the HTTP API. Key is "GET /path/{variable}", "ANY /path/{proxy+}" or "$default".
type Route struct {
	ID       string
	Key      string
	Function string
	// Timeout is the integration's; API Gateway waits no longer than 30 s.
	Timeout    time.Duration
	Authorizer *Authorizer
	// Scopes are those a token needs at least one of; empty means none.
	Scopes []string
}

// Authorizer is a JWT authorizer.
type Authorizer struct {
	ID       string
	Issuer   Value
	Audience []Value
}

// Source is one event source mapping; exactly one of Queue and Table (logical ids) is set.
type Source struct {
	ID       string
	Function string
	Queue    string
	Table    string
	// BatchSize is the most records in one invocation; Window is how long a batch may wait for more.
	BatchSize int
	Window    time.Duration
	// Filters are event patterns as JSON text; a record that matches none is dropped. Empty: every record passes.
	Filters []string
	// ReportFailures is ReportBatchItemFailures.
	ReportFailures bool
	// MaxConcurrency bounds the parallel invocations of a queue's consumer; 0 when unset.
	MaxConcurrency int
	// The rest belongs to streams. Retries and MaxAge are -1 when unbounded.
	FromStart   bool
	Bisect      bool
	Retries     int
	MaxAge      time.Duration
	Parallel    int
	OnFailureTo string
}

// Queue is one SQS queue. DeadLetters is the logical id of the queue that receives what failed MaxReceives times.
type Queue struct {
	ID           string
	FIFO         bool
	ContentDedup bool
	Visibility   time.Duration
	Delay        time.Duration
	Retention    time.Duration
	MaxReceives  int
	DeadLetters  string
}

// Name is the queue's local name: its logical id, with the suffix SQS demands of FIFO queues.
func (q Queue) Name() string {
	if q.FIFO {
		return q.ID + ".fifo"
	}
	return q.ID
}

// Table is one DynamoDB table; its local name is its logical id.
type Table struct {
	ID        string
	Partition Key
	Sort      Key
	Indexes   []Index
	// Stream is the stream's view type (NEW_IMAGE, …), empty without a stream.
	Stream string
	// TTL is the attribute that holds the expiry, empty without one.
	TTL string
}

// Key is one key attribute; Type is S, N or B. A table without sort key has a zero Key there.
type Key struct {
	Name string
	Type string
}

// Index is one global secondary index. Projection is ALL, KEYS_ONLY or INCLUDE with Include as its attributes.
type Index struct {
	Name       string
	Partition  Key
	Sort       Key
	Projection string
	Include    []string
}

// Rule is a schedule of one minute; other rates are an error.
type Rule struct {
	ID        string
	Enabled   bool
	Functions []string
}

// Bucket is one S3 bucket; Cross lets pages of elsewhere in.
type Bucket struct {
	ID    string
	Cross []Cross
}

// Cross is one rule of a bucket's CORS configuration; MaxAge is in seconds.
type Cross struct {
	Origins          []Value
	Methods, Headers []string
	MaxAge           int
}

// Secret is one secret; the local system supplies its value.
type Secret struct{ ID string }

// Throttle is requests per second and the burst above it.
type Throttle struct {
	Rate  float64
	Burst int
}

type parameter struct {
	Default any
	Type    string
}

type document struct {
	Parameters map[string]parameter
	Resources  map[string]resource
	Conditions map[string]any
}

type resource struct {
	Type       string
	Condition  string
	Properties map[string]any
}

// Parse reads a template in JSON. The error names the logical id and what is wrong with it.
func Parse(data []byte) (*Template, error) {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("template: not a CloudFormation template in JSON: %w", err)
	}
	if len(doc.Resources) == 0 {
		return nil, errors.New("template: it has no resources")
	}
	p := &parser{doc: doc, out: &Template{parameters: doc.Parameters, conditions: doc.Conditions}, functions: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(doc.Resources)) {
		if err := p.resource(id, doc.Resources[id]); err != nil {
			return nil, err
		}
	}
	if err := p.link(); err != nil {
		return nil, err
	}
	return p.out, nil
}

// Function finds a function by name.
func (t *Template) Function(name string) (Function, bool) {
	i := slices.IndexFunc(t.Functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Function{}, false
	}
	return t.Functions[i], true
}

// Queue finds a queue by logical id.
func (t *Template) Queue(id string) (Queue, bool) {
	i := slices.IndexFunc(t.Queues, func(q Queue) bool { return q.ID == id })
	if i < 0 {
		return Queue{}, false
	}
	return t.Queues[i], true
}

// DeadLetters tells whether a queue only receives what others failed to handle: it is the target of another queue's
// redrive or of a stream's on-failure destination.
func (t *Template) DeadLetters(id string) bool {
	return slices.ContainsFunc(t.Queues, func(q Queue) bool { return q.DeadLetters == id }) ||
		slices.ContainsFunc(t.Sources, func(s Source) bool { return s.OnFailureTo == id })
}
