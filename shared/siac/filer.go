package siac

import (
	"context"
	"time"
)

// shape is any case type with the fields of Case. The process that files cases owns its type and may not be imported here;
// its main program names it.
type shape interface {
	~struct {
		IdempotencyKey string
		ExternalRef    string
		Network        string
		Type           string
		Description    string
		EnteredAt      time.Time
		Region         string
		PersonType     string
	}
}

// Filer is a Client that takes the caller's own case type and answers folios.
type Filer[C shape] struct{ client *Client }

// NewFiler gives a filer for the SIAC at baseURL; token gives the bearer token for each request.
func NewFiler[C shape](baseURL string, token func(context.Context) (string, error)) Filer[C] {
	return Filer[C]{client: New(Config{BaseURL: baseURL, Token: token})}
}

// File files the case: Client.File.
func (f Filer[C]) File(ctx context.Context, c C) (folio string, err error) {
	filed, err := f.client.File(ctx, Case(c))
	return filed.Folio, err
}

// Find looks the case up: Client.Find.
func (f Filer[C]) Find(ctx context.Context, externalRef string) (folio string, found bool, err error) {
	filed, found, err := f.client.Find(ctx, externalRef)
	return filed.Folio, found, err
}
