package mention

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Delivery is one signed body as a network sent it, on its way through the inbox: the compressed raw bytes, or the place
// where they lie when they are too large for a queue. Received is when we took it, in UTC; Trace
// the request it came with, for the logs. Form says what the bytes are, Origin who brought them; both are empty for what a
// network delivered.
type Delivery struct {
	V        int       `json:"v"`
	Network  Network   `json:"network"`
	Received time.Time `json:"received"`
	Body     string    `json:"body,omitempty"` // base64 of Pack of the raw bytes
	Blob     string    `json:"blob,omitempty"` // key of Pack of the raw bytes
	Trace    string    `json:"trace,omitempty"`
	Form     string    `json:"form,omitempty"`
	Origin   string    `json:"origin,omitempty"`
}

// FormEvents is the form of a body that is a list of our own events in JSON, as fetch reads them from a network.
const FormEvents = "events"

// Origins of a delivery that no network made.
const (
	OriginItem = "item" // one item that a network had told of by its id alone
	OriginList = "list" // what looking for lost deliveries found
)

// Pack compresses a raw body.
func Pack(body []byte) ([]byte, error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(body); err != nil {
		return nil, fmt.Errorf("mention: pack: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("mention: pack: %w", err)
	}
	return buf.Bytes(), nil
}

// Unpack gives the raw bytes back; more than limit bytes is an error, so that no small message becomes a large memory.
func Unpack(packed []byte, limit int) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("mention: unpack: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("mention: unpack: %w", err)
	}
	if len(body) > limit {
		return nil, fmt.Errorf("mention: unpack: more than %d bytes", limit)
	}
	return body, nil
}

// Inline makes the delivery that carries its packed body itself.
func Inline(n Network, received time.Time, packed []byte) Delivery {
	return Delivery{V: 1, Network: n, Received: received.UTC(), Body: base64.StdEncoding.EncodeToString(packed)}
}

// Packed gives the compressed body a delivery carries itself.
func (d Delivery) Packed() ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(d.Body)
	if err != nil {
		return nil, fmt.Errorf("mention: delivery: %w", err)
	}
	return packed, nil
}

// ParseDelivery reads a delivery from the inbox; a version it does not know is an error.
func ParseDelivery(text string) (Delivery, error) {
	var d Delivery
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return Delivery{}, fmt.Errorf("mention: delivery: %w", err)
	}
	if d.V != 1 || (d.Body == "") == (d.Blob == "") {
		return Delivery{}, fmt.Errorf("mention: delivery of version %d without exactly one body", d.V)
	}
	return d, nil
}

// maxEvents bounds a list of our own events; a page of a network's list holds a hundred at most.
const maxEvents = 5_000

// EventsDelivery makes the delivery of events that were read from a network instead of delivered by it; at is when they
// were read, origin one of the Origin… constants.
func EventsDelivery(n Network, origin string, at time.Time, events []Event) (Delivery, error) {
	raw, err := json.Marshal(events)
	if err != nil {
		return Delivery{}, fmt.Errorf("mention: events: %w", err)
	}
	packed, err := Pack(raw)
	if err != nil {
		return Delivery{}, err
	}
	d := Inline(n, at, packed)
	d.Form, d.Origin = FormEvents, origin
	return d, nil
}

// ParseEvents reads a body of form FormEvents. All of its events are of network n, or it is no such body.
func ParseEvents(n Network, raw []byte) ([]Event, error) {
	var events []Event
	if err := json.Unmarshal(raw, &events); err != nil {
		return nil, fmt.Errorf("mention: events: %w", err)
	}
	if len(events) > maxEvents {
		return nil, fmt.Errorf("mention: %d events in one delivery", len(events))
	}
	for _, e := range events {
		if e.Network != n || e.Outcome == "" {
			return nil, fmt.Errorf("mention: an event that is none of %q", n)
		}
	}
	return events, nil
}
