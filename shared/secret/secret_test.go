package secret_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/secret"
)

// vault answers with text, or err, and counts.
type vault struct {
	text  *string
	err   error
	calls int
}

func (v *vault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.calls++
	if v.err != nil {
		return nil, v.err
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: v.text}, nil
}

func (v *vault) set(text string) { v.text = &text }

// start gives a client with a ttl of five minutes and the hand of its clock.
func start() (*secret.Client, *vault, *time.Time) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	v := &vault{}
	return secret.New(v, func() time.Time { return now }, 5*time.Minute), v, &now
}

func TestCache(t *testing.T) {
	client, v, now := start()
	v.set("uno")
	read := func(want string, calls int) {
		t.Helper()
		got, err := client.Get(t.Context(), "id")
		if err != nil || got.Reveal() != want || v.calls != calls {
			t.Errorf("got %q after %d calls, %v; want %q after %d", got.Reveal(), v.calls, err, want, calls)
		}
	}
	read("uno", 1)
	v.set("dos")
	*now = now.Add(5*time.Minute - 1)
	read("uno", 1)
	*now = now.Add(1)
	read("dos", 2)
	if _, err := client.Get(t.Context(), "other"); err != nil || v.calls != 3 {
		t.Error("another id is another secret")
	}
}

func TestOutageKeepsWhatIsHeld(t *testing.T) {
	client, v, now := start()
	v.set("uno")
	if _, err := client.Get(t.Context(), "id"); err != nil {
		t.Fatal(err)
	}
	v.err = &smithy.GenericAPIError{Code: "ThrottlingException"}
	*now = now.Add(time.Hour)
	for range 3 {
		if got, err := client.Get(t.Context(), "id"); err != nil || got.Reveal() != "uno" {
			t.Errorf("during the outage: %v", err)
		}
	}
	if v.calls != 2 {
		t.Errorf("%d calls, want 2: an outage is not asked again at once", v.calls)
	}
	*now = now.Add(30 * time.Second)
	v.set("dos")
	v.err = nil
	if got, err := client.Get(t.Context(), "id"); err != nil || got.Reveal() != "dos" {
		t.Errorf("after the outage: %v", err)
	}
	v.err = &smithy.GenericAPIError{Code: "AccessDeniedException"}
	*now = now.Add(time.Hour)
	if _, err := client.Get(t.Context(), "id"); !errors.Is(err, secret.ErrDenied) {
		t.Errorf("a permission taken away: %v, want ErrDenied and not what was held", err)
	}
}

func TestErrors(t *testing.T) {
	api := func(code string) error {
		return &smithy.OperationError{ServiceID: "Secrets Manager", OperationName: "GetSecretValue", Err: &smithy.GenericAPIError{Code: code, Message: "palabras del servicio"}}
	}
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"no such secret", api("ResourceNotFoundException"), secret.ErrMissing},
		{"about to be deleted", api("InvalidRequestException"), secret.ErrMissing},
		{"not allowed", api("AccessDeniedException"), secret.ErrDenied},
		{"no key", api("DecryptionFailure"), secret.ErrDenied},
		{"throttled", api("ThrottlingException"), nil},
		{"service fault", api("InternalServiceError"), nil},
		{"cancelled", context.Canceled, context.Canceled},
		{"binary", nil, secret.ErrMissing},
	} {
		client, v, _ := start()
		v.err = c.err
		_, err := client.Get(t.Context(), "id")
		if !fault.Is(err, fault.Transient) || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want a Transient with %v", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "palabras") {
			t.Errorf("%s: the error quotes the service: %v", c.name, err)
		}
	}
}

func TestJSONAndDecode(t *testing.T) {
	client, v, _ := start()
	v.set(`{"token":"xyzzy","number":4,"none":null,"empty":""}`)
	value, err := client.Get(t.Context(), "id")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]error{"token": nil, "empty": nil, "other": secret.ErrNoKey, "number": secret.ErrNotJSON, "none": secret.ErrNotJSON} {
		text, err := value.JSON(key)
		if !errors.Is(err, want) || (err != nil && !fault.Is(err, fault.Transient)) {
			t.Errorf("%s: %v, want %v", key, err, want)
		}
		if key == "token" && text != "xyzzy" {
			t.Errorf("token %q", text)
		}
	}
	if _, err := secret.Wrap("xyzzy").JSON("token"); !errors.Is(err, secret.ErrNotJSON) || strings.Contains(err.Error(), "x") {
		t.Errorf("no JSON: %v", err)
	}
	if _, err := (secret.Value{}).JSON("token"); !errors.Is(err, secret.ErrNotJSON) {
		t.Errorf("no value: %v", err)
	}
	type access struct {
		Token string `json:"token"`
	}
	if got, err := secret.Decode[access](t.Context(), client, "id"); err != nil || got.Token != "xyzzy" {
		t.Errorf("decode: %+v, %v", got, err)
	}
	got, err := secret.Decode[map[string]string](t.Context(), client, "id")
	if !errors.Is(err, secret.ErrNotJSON) || len(got) != 0 {
		t.Errorf("decode into another shape: %v, %d keys", err, len(got))
	}
}

const shownText = "xyzzy-plugh"

// shapes are the ways a value may be part of what is printed.
func shapes(v secret.Value) []any {
	type exported struct{ V secret.Value }
	type unexported struct{ v secret.Value }
	return []any{
		v, &v,
		exported{v},
		&exported{v},
		unexported{v},
		&unexported{v},
		[]secret.Value{v},
		map[string]secret.Value{"k": v},
		map[secret.Value]int{v: 1},
		struct{ any }{v},
	}
}

// tells reports whether the text, or its hexadecimal digits, are in what was printed.
func tells(out string) bool {
	return strings.Contains(out, shownText) || strings.Contains(strings.ToLower(out), "78797a7a79")
}

func TestNothingPrintsAValue(t *testing.T) {
	v := secret.Wrap(shownText)
	for _, shape := range shapes(v) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%10s", "%c"} {
			if out := fmt.Sprintf(verb, shape); tells(out) {
				t.Errorf("%s of %T shows %s", verb, shape, out)
			}
		}
	}
	if fmt.Sprint(v) != "***" || v.String() != "***" || v.GoString() != "***" || v.LogValue().String() != "***" {
		t.Errorf("shown as %v", v)
	}
	if v.Reveal() != shownText || (secret.Value{}).Reveal() != "" {
		t.Error("Reveal must give the text")
	}
}

func TestNothingEncodesAValue(t *testing.T) {
	for _, shape := range shapes(secret.Wrap(shownText)) {
		if out, err := json.Marshal(shape); err == nil && tells(string(out)) {
			t.Errorf("JSON of %T shows %s", shape, out)
		}
		var inJSON, inText bytes.Buffer
		slog.New(slog.NewJSONHandler(&inJSON, nil)).Info("m", slog.Any("v", shape))
		slog.New(slog.NewTextHandler(&inText, nil)).Info("m", slog.Any("v", shape))
		if tells(inJSON.String()) || tells(inText.String()) {
			t.Errorf("log of %T shows %s%s", shape, inJSON.String(), inText.String())
		}
	}
	out, err := json.Marshal(struct{ V secret.Value }{secret.Wrap(shownText)})
	if err != nil || string(out) != `{"V":"***"}` {
		t.Errorf("JSON: %s, %v", out, err)
	}
}
