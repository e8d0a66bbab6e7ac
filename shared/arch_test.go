// Package shared_test proves which way the arrows between packages point (docs/architecture.md, "Who may import whom").
package shared_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "sence.gob.cl/gestor/"

// layer says what the packages of one layer may import of ours and of others. Std lists the standard packages a layer may
// not import; Others the foreign module prefixes it may.
type layer struct {
	name     string
	packages []string
	layers   []string
	stdNot   []string
	others   []string
}

func layers() []layer {
	noIO := []string{"net/http", "net", "os", "os/exec", "context", "database/sql", "log", "log/slog", "io/fs"}
	return []layer{
		{name: "base", packages: []string{"shared/fault", "shared/config"}, stdNot: noIO},
		{name: "unit of work", packages: []string{"shared/unit"}, stdNot: []string{"net/http", "net", "os", "os/exec", "database/sql", "log", "log/slog", "io/fs"}},
		{
			name: "noun", packages: []string{
				"shared/mention", "shared/citizen", "shared/ticket", "shared/classify", "shared/calendar", "shared/outbox", "shared/audit",
				"shared/post", "shared/rut", "shared/channel", "shared/agenda", "shared/model", "shared/drift",
			},
			layers: []string{"base", "noun"}, stdNot: noIO, others: []string{"golang.org/x/text/unicode/norm"},
		},
		{
			name:     "process without HTTP",
			packages: []string{"shared/intake", "shared/relay", "shared/tick", "shared/deliver", "shared/escalate", "shared/fetch", "shared/judge"},
			layers:   []string{"base", "unit of work", "noun"}, stdNot: []string{"net/http", "net", "os", "os/exec", "database/sql"},
		},
		{
			name: "process with HTTP", packages: []string{"shared/webhook", "shared/desk"},
			layers: []string{"base", "unit of work", "noun"}, stdNot: []string{"os", "os/exec", "database/sql"},
		},
		{name: "one call", packages: []string{"shared/once"}, layers: []string{"base", "unit of work"}, stdNot: []string{"os", "os/exec", "database/sql", "log", "log/slog"}},
		{
			name: "keys", packages: []string{"shared/access"}, layers: []string{"base", "unit of work", "one call", "noun"},
			stdNot: []string{"net/http", "net", "os", "os/exec", "database/sql", "log", "log/slog"},
		},
		technology("dynamo", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"),
		technology("sqs", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"),
		technology("s3", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"),
		technology("secret", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"),
		technology("meta", "github.com/huandu/facebook/v2"),
		technology("x", "github.com/dghubble/go-twitter", "github.com/dghubble/oauth1", "golang.org/x/oauth2"),
		technology("linkedin", "golang.org/x/oauth2"),
		technology("whatsapp"),
		technology("siac"),
		technology("media"),
		technology("picture", "golang.org/x/image/webp", "github.com/abema/go-mp4"),
		technology("notify", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"),
		{
			name: "ways", packages: []string{"shared/ways"},
			layers: []string{"base", "unit of work", "one call", "noun", "keys", "secret", "meta", "x", "linkedin", "whatsapp"},
		},
		{name: "glue", packages: []string{"shared/lambdakit"}, layers: []string{"base", "unit of work", "noun"}, others: []string{"github.com/aws/aws-lambda-go"}},
		{name: "test kit", packages: []string{"shared/storetest", "shared/storetest/engine"}, layers: []string{"base", "noun", "test kit"}, others: []string{"github.com/aws/aws-sdk-go-v2", "github.com/google/go-cmp"}},
		{name: "test kit", packages: []string{"shared/platformtest"}, layers: []string{"base", "noun"}},
		{name: "test kit", packages: []string{"shared/storetest/worker"}, layers: []string{"base", "noun", "test kit", "dynamo"}, others: []string{"pgregory.net/rapid"}},
		{
			name: "main", packages: []string{"functions/", "cmd/gestor", "cmd/entrenar"},
			layers: []string{"*"}, others: []string{"*"},
		},
		{name: "golden", packages: []string{"infra/golden"}},
		{name: "cost", packages: []string{"infra/cost"}, layers: []string{"golden"}, stdNot: []string{"net/http", "net", "os", "os/exec"}},
		{name: "infra", packages: []string{"infra"}, layers: []string{"golden"}, others: []string{"github.com/aws/aws-cdk-go/", "github.com/aws/constructs-go/", "github.com/aws/jsii-runtime-go"}},
		{name: "console", packages: []string{"web"}, others: []string{"github.com/andybalholm/brotli"}},
		{name: "console build", packages: []string{"web/build"}, others: []string{"github.com/evanw/esbuild", "github.com/andybalholm/brotli"}},
	}
}

func technology(name string, others ...string) layer {
	return layer{name: name, packages: []string{"shared/" + name}, layers: []string{"base", "unit of work", "one call", "noun"}, others: others}
}

// pkg is what `go list -json` tells of a package, as far as the rules need it.
type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestArrows(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if !strings.Contains(p.ImportPath, "node_modules") && p.ImportPath+"/" != module && p.ImportPath != module+"shared" {
			all = append(all, p)
		}
	}
	if len(all) < 20 {
		t.Fatalf("go list gave %d packages: the rules were not tried on the tree", len(all))
	}
	for _, v := range violations(all) {
		t.Error(v)
	}
}

// A rule that cannot fail proves nothing: each planted import must be named.
func TestArrows_PlantedViolations(t *testing.T) {
	planted := []struct {
		name, from, to string
		want           string
	}{
		{"a noun speaks HTTP", "shared/calendar", "net/http", "may not import net/http"},
		{"a noun knows a technology", "shared/ticket", module + "shared/dynamo", "may not import shared/dynamo"},
		{"one technology knows another", "shared/meta", module + "shared/dynamo", "may not import shared/dynamo"},
		{"one process calls another", "shared/intake", module + "shared/deliver", "may not import shared/deliver"},
		{"a process knows the queue", "shared/intake", module + "shared/sqs", "may not import shared/sqs"},
		{"who judges knows where models lie", "shared/judge", module + "shared/s3", "may not import shared/s3"},
		{"a process knows who keeps the keys", "shared/deliver", module + "shared/access", "may not import shared/access"},
		{"a way out knows who keeps the keys", "shared/meta", module + "shared/access", "may not import shared/access"},
		{"who keeps the keys speaks to a network", "shared/access", module + "shared/x", "may not import shared/x"},
		{"who keeps the keys makes calls", "shared/access", "net/http", "may not import net/http"},
		{"a foreign module in a noun", "shared/ticket", "github.com/aws/aws-sdk-go-v2/aws", "may not import github.com/aws/aws-sdk-go-v2/aws"},
		{"CDK outside infra", "shared/desk", "github.com/aws/aws-cdk-go/awscdk/v2", "may not import github.com/aws/aws-cdk-go/awscdk/v2"},
		{"the test kit in a program", "shared/desk", module + "shared/storetest", "may not import shared/storetest"},
		{"the workers' test kit in a program", "functions/deliver", module + "shared/storetest/worker", "may not import shared/storetest/worker"},
		{"the ways out's test kit in a program", "shared/meta", module + "shared/platformtest", "may not import shared/platformtest"},
		{"the ways out's test kit knows one", "shared/platformtest", module + "shared/meta", "may not import shared/meta"},
		{"the contract of stores knows one", "shared/storetest", module + "shared/dynamo", "may not import shared/dynamo"},
		{"a package of no layer", "shared/util", "strings", "is in no layer"},
		{"a main used as a library", "shared/desk", module + "cmd/gestor/internal/sim", "may not import cmd/gestor/internal/sim"},
	}
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			got := violations([]pkg{{ImportPath: module + p.from, Imports: []string{p.to}}})
			if len(got) != 1 || !strings.Contains(got[0], p.want) {
				t.Errorf("violations = %q, want one with %q", got, p.want)
			}
		})
	}
}

// violations names every import that points the wrong way, and every package that belongs nowhere.
func violations(all []pkg) []string {
	var out []string
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		l, known := layerOf(from)
		if !known {
			out = append(out, fmt.Sprintf("%s is in no layer: name it in layers() or move it", from))
			continue
		}
		for _, imported := range p.Imports {
			if !l.allows(imported) {
				out = append(out, fmt.Sprintf("%s (%s) may not import %s", from, l.name, strings.TrimPrefix(imported, module)))
			}
		}
	}
	return out
}

func layerOf(path string) (layer, bool) {
	for _, l := range layers() {
		for _, p := range l.packages {
			if path == p || (strings.HasSuffix(p, "/") || l.name == "main") && strings.HasPrefix(path, p) {
				return l, true
			}
		}
	}
	return layer{}, false
}

func (l layer) allows(imported string) bool {
	if ours, found := strings.CutPrefix(imported, module); found {
		target, known := layerOf(ours)
		if !known {
			return true // reported once, as a package of no layer
		}
		if target.name == "test kit" && l.name != "test kit" || target.name == "main" && l.name != "main" {
			return false
		}
		return contains(l.layers, target.name) || contains(l.layers, "*")
	}
	if standard(imported) {
		return !contains(l.stdNot, imported)
	}
	for _, prefix := range l.others {
		if prefix == "*" || strings.HasPrefix(imported, prefix) {
			return true
		}
	}
	return false
}

// standard reports a package of the standard library: its first element has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func contains(list []string, item string) bool {
	for _, have := range list {
		if have == item {
			return true
		}
	}
	return false
}
