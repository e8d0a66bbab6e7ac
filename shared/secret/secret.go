// Package secret reads tokens and keys from Secrets Manager, keeps them for a while, and never shows them.
package secret

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
)

// API is what Client needs of the SDK's client.
type API interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Client reads secrets and keeps each for ttl. It is safe for concurrent use.
type Client struct {
	api   API
	clock func() time.Time
	ttl   time.Duration

	mu   sync.Mutex
	held map[string]held
}

// held is a value and when to ask for it again.
type held struct {
	value Value
	until time.Time
}

// New makes a Client on the SDK's client; a rotated secret is seen after ttl at the latest.
func New(api API, clock func() time.Time, ttl time.Duration) *Client {
	return &Client{api: api, clock: clock, ttl: ttl, held: make(map[string]held)}
}

// Get gives the secret with this name or ARN. All its errors are Transient, because an operator or a deployment can mend
// each of them and the work that needs the secret is good: ErrMissing, ErrDenied, or the service cannot be asked. While
// it cannot be asked, a value read before goes on being given, and the next question waits a tenth of ttl.
func (c *Client) Get(ctx context.Context, id string) (Value, error) {
	now := c.clock()
	c.mu.Lock()
	known, there := c.held[id]
	c.mu.Unlock()
	if there && now.Before(known.until) {
		return known.value, nil
	}
	value, err := c.read(ctx, id)
	switch {
	case err == nil:
		c.keep(id, held{value, now.Add(c.ttl)})
		return value, nil
	case there && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDenied):
		c.keep(id, held{known.value, now.Add(c.ttl / 10)})
		return known.value, nil
	default:
		return Value{}, fault.New(fault.Transient, "secret.Get", err)
	}
}

func (c *Client) keep(id string, h held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[id] = h
}

// read asks the service. Its errors keep the service's code and drop its words, which may name what should not be told.
func (c *Client) read(ctx context.Context, id string) (Value, error) {
	out, err := c.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err == nil {
		if out.SecretString == nil {
			return Value{}, ErrMissing
		}
		return Wrap(*out.SecretString), nil
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return Value{}, err
	}
	switch api.ErrorCode() {
	case "ResourceNotFoundException", "InvalidRequestException": // the second: it is about to be deleted
		return Value{}, ErrMissing
	case "AccessDeniedException", "AccessDenied", "DecryptionFailure":
		return Value{}, ErrDenied
	default:
		return Value{}, errors.New(api.ErrorCode())
	}
}

// Decode gives the secret id as the JSON of a T. Errors are Get's, and Transient with ErrNotJSON.
func Decode[T any](ctx context.Context, c *Client, id string) (T, error) {
	var v T
	value, err := c.Get(ctx, id)
	if err != nil {
		return v, err
	}
	if json.Unmarshal([]byte(value.Reveal()), &v) != nil { // its own error may quote the secret
		var none T
		return none, fault.New(fault.Transient, "secret.Decode", ErrNotJSON)
	}
	return v, nil
}
