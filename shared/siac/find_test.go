package siac

import (
	"context"
	"net/http"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

func TestFind_Request(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/casos" || r.URL.Query().Get("ref_externa") != "a b&c=d" || r.ContentLength != 0 {
			t.Errorf("%s %s, %d bytes", r.Method, r.URL, r.ContentLength)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+testToken {
			t.Errorf("Authorization %q", got)
		}
		reply(200, `{"items":[]}`)(w, r)
	})
	if filed, found, err := c.Find(t.Context(), "a b&c=d"); err != nil || found || filed != (Filed{}) {
		t.Errorf("%+v %v %v", filed, found, err)
	}
}

func TestFind_Lists(t *testing.T) {
	const (
		ours  = `{"folio":"S-1","estado":"respondido","ref_externa":"` + testRef + `"}`
		other = `{"folio":"S-2","ref_externa":"RS-2026-0000999-1"}`
	)
	for name, tt := range map[string]struct {
		body  string
		folio string
		kind  fault.Kind
	}{
		"ours":                      {`{"items":[` + ours + `]}`, "S-1", 0},
		"ours among others":         {`{"items":[` + other + `,` + ours + `]}`, "S-1", 0},
		"ours twice":                {`{"items":[` + ours + `,` + ours + `]}`, "S-1", 0},
		"ours, and more pages":      {`{"items":[` + ours + `],"next":"c"}`, "S-1", 0},
		"nothing":                   {`{"items":[]}`, "", 0},
		"only others":               {`{"items":[` + other + `]}`, "", 0},
		"one that names no ticket":  {`{"items":[{"folio":"S-3"}]}`, "", 0},
		"two folios":                {`{"items":[` + ours + `,{"folio":"S-4","ref_externa":"` + testRef + `"}]}`, "", fault.Permanent},
		"others, and more pages":    {`{"items":[` + other + `],"next":"c"}`, "", fault.Transient},
		"no list":                   {`{}`, "", fault.Transient},
		"a list that is null":       {`{"items":null}`, "", fault.Transient},
		"an empty next is no page":  {`{"items":[],"next":""}`, "", 0},
		"a null next is no page":    {`{"items":[],"next":null}`, "", 0},
		"ours with unusable folios": {`{"items":[{"folio":"","ref_externa":"` + testRef + `"}]}`, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, reply(200, tt.body))
			filed, found, err := c.Find(t.Context(), testRef)
			check(t, err, tt.kind, 0)
			if filed.Folio != tt.folio || found != (tt.folio != "") {
				t.Errorf("%+v %v", filed, found)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	const now = "Fri, 20 Nov 2026 12:00:00 GMT"
	for name, tt := range map[string]struct {
		value, date string
		want        time.Duration
	}{
		"seconds":                     {"90", "", 90 * time.Second},
		"none":                        {"", now, 0},
		"a date":                      {"Fri, 20 Nov 2026 12:02:00 GMT", now, 2 * time.Minute},
		"a date long gone":            {"Fri, 20 Nov 2026 11:00:00 GMT", now, 0},
		"a date, no clock":            {"Fri, 20 Nov 2026 12:02:00 GMT", "", 0},
		"negative":                    {"-5", now, 0},
		"a word":                      {"pronto", now, 0},
		"longer than a day":           {"2000000", now, 24 * time.Hour},
		"more than a number can hold": {"99999999999999999999", now, 0},
	} {
		h := http.Header{}
		h.Set("Retry-After", tt.value)
		h.Set("Date", tt.date)
		if got := retryAfter(h); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// The caller's own case type passes through unchanged.
func TestFiler(t *testing.T) {
	type filing struct {
		IdempotencyKey string
		ExternalRef    string
		Network        string
		Type           string
		Description    string
		EnteredAt      time.Time
		Region         string
		PersonType     string
	}
	var filer interface {
		File(ctx context.Context, c filing) (string, error)
		Find(ctx context.Context, ref string) (string, bool, error)
	}
	c, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			reply(201, `{"folio":"S-1"}`)(w, r)
			return
		}
		reply(200, `{"items":[{"folio":"S-1","ref_externa":"`+testRef+`"}]}`)(w, r)
	})
	filer = NewFiler[filing](c.base, token)
	if folio, err := filer.File(t.Context(), filing(sample())); err != nil || folio != "S-1" {
		t.Errorf("File: %q %v", folio, err)
	}
	if folio, found, err := filer.Find(t.Context(), testRef); err != nil || !found || folio != "S-1" {
		t.Errorf("Find: %q %v %v", folio, found, err)
	}
	if asked.Load() != 2 {
		t.Errorf("%d requests", asked.Load())
	}
}
