package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"sence.gob.cl/gestor/shared/fault"
)

// hidden is what a secret looks like to whoever prints it.
const hidden = "***"

// Value is a secret's text. However it is printed, logged or encoded it shows "***"; only Reveal, JSON and Decode give it
// away. The text stands behind a pointer, because fmt does not call the methods of a value in an unexported field.
type Value struct {
	text *string
}

// Wrap makes a Value of a text.
func Wrap(text string) Value { return Value{text: &text} }

// Reveal gives the text, for the one call that needs it.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// JSON gives the text under key of a secret that is a JSON object of texts. The error is ErrNotJSON or ErrNoKey, and
// quotes nothing.
func (v Value) JSON(key string) (string, error) {
	const op = "secret.JSON"
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(v.Reveal()), &fields) != nil {
		return "", fault.New(fault.Transient, op, ErrNotJSON)
	}
	raw, there := fields[key]
	if !there {
		return "", fault.New(fault.Transient, op, ErrNoKey)
	}
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return "", fault.New(fault.Transient, op, ErrNotJSON)
	}
	return *text, nil
}

// String gives "***".
func (Value) String() string { return hidden }

// GoString gives "***".
func (Value) GoString() string { return hidden }

// Format writes "***" whatever the verb.
func (Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue logs "***".
func (Value) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText encodes "***", in JSON too.
func (Value) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Why a secret cannot be had. None of them quotes its content.
var (
	// ErrMissing: there is no such secret, or it has no text.
	ErrMissing = errors.New("the secret has no value")
	// ErrDenied: this function may not read it, or not decrypt it.
	ErrDenied = errors.New("the secret may not be read")
	// ErrNotJSON: it is not the JSON it should be.
	ErrNotJSON = errors.New("the secret is not the JSON it should be")
	// ErrNoKey: it has no such key.
	ErrNoKey = errors.New("the secret has no such key")
)
