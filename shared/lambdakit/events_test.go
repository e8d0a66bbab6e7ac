package lambdakit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// invocations is where the events for `sam local invoke` lie: FUNCTION/NAME.json, and beside each what is wanted of it.
const invocations = "../../events/invoke"

// Every function has events that end well and events that do not, each a shape that Lambda really sends.
func TestEvents_EveryFunction(t *testing.T) {
	functions, err := os.ReadDir("../../functions")
	if err != nil || len(functions) == 0 {
		t.Fatalf("%d functions, %v", len(functions), err)
	}
	known := map[string]bool{}
	for _, f := range functions {
		known[f.Name()] = true
		paths, err := filepath.Glob(filepath.Join(invocations, f.Name(), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		well, ill := 0, 0
		for _, path := range paths {
			if strings.HasSuffix(path, ".want.json") {
				continue
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := readable(f.Name(), raw); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			fails, err := meantToFail(strings.TrimSuffix(path, ".json") + ".want.json")
			switch {
			case err != nil:
				t.Error(err)
			case fails:
				ill++
			default:
				well++
			}
		}
		if well == 0 || ill == 0 {
			t.Errorf("functions/%s has %d events that end well and %d that do not in %s, want some of both", f.Name(), well, ill, invocations)
		}
	}
	folders, err := os.ReadDir(invocations)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !known[folder.Name()] {
			t.Errorf("%s/%s is of no function", invocations, folder.Name())
		}
	}
}

// A check that takes everything proves nothing.
func TestEvents_Refused(t *testing.T) {
	for name, c := range map[string]struct{ function, event string }{
		"a field nobody knows":        {"webhook", `{"version":"2.0","rawpath_":"/"}`},
		"a message for an HTTP API":   {"desk", `{"Records":[]}`},
		"a request for a queue":       {"intake", `{"version":"2.0"}`},
		"a message for a stream":      {"relay", `{"Records":[{"messageId":"m1","body":""}]}`},
		"nothing at all":              {"deliver", ``},
		"a function without a source": {"unknown", `{}`},
	} {
		if readable(c.function, []byte(c.event)) == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// readable decodes an event as the SDK's own type of the function's sources, with no field unknown.
func readable(function string, raw []byte) error {
	strict := func(into any) error {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		return d.Decode(into)
	}
	switch function {
	case "webhook", "desk":
		return strict(new(events.APIGatewayV2HTTPRequest))
	case "intake", "deliver", "escalate":
		return strict(new(events.SQSEvent))
	case "relay":
		return strict(new(events.DynamoDBEvent))
	case "tick", "fetch":
		if bytes.Contains(raw, []byte(`"Records"`)) {
			return strict(new(events.SQSEvent))
		}
		return strict(new(events.EventBridgeEvent))
	default:
		return errors.New("say here which events this function gets")
	}
}

// meantToFail reads what is wanted of an event, and tells whether it is a failure.
func meantToFail(path string) (bool, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return false, err
	}
	var want struct {
		Status int
		Failed []string
		Error  string
	}
	err = json.Unmarshal(raw, &want)
	return want.Status >= 400 || len(want.Failed) > 0 || want.Error != "", err
}
