package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

const goldenFile = "golden/template.json"

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite golden/template.json from the synthesis")
	flag.Parse()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// TestStack synthesizes each configuration once (it costs seconds) and judges both.
func TestStack(t *testing.T) {
	deployed := synthesize(t, map[string]any{})
	disposable := synthesize(t, map[string]any{"arch": "x86_64", "stage": "dev"})

	t.Run("equals the golden template", func(t *testing.T) { equalsGolden(t, deployed) })
	t.Run("a disposable x86_64 stack differs in what it must and in nothing else", func(t *testing.T) {
		differs(t, deployed.template, disposable.template)
	})
	t.Run("every function's code is its own bootstrap", func(t *testing.T) {
		ownCode(t, deployed, "arm64")
		ownCode(t, disposable, "amd64")
	})
	t.Run("equal bootstraps give the same template, byte for byte, and the same assets", func(t *testing.T) {
		if again := synthesize(t, map[string]any{}); !bytes.Equal(again.raw, deployed.raw) {
			t.Errorf("a second synthesis differs (-first +second):\n%s", cmp.Diff(string(deployed.raw), string(again.raw)))
		}
	})
	t.Run("a disposable stack may be deleted, another may not", func(t *testing.T) {
		if !deployed.protected(t) || disposable.protected(t) {
			t.Errorf("termination protection: deployed %v, disposable %v", deployed.protected(t), disposable.protected(t))
		}
	})
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		want    settings
		wrong   string
	}{
		"nothing said":          {map[string]any{}, settings{"arm64", "prod", "b"}, ""},
		"both said":             {map[string]any{"arch": "x86_64", "stage": "qa-2"}, settings{"x86_64", "qa-2", "b"}, ""},
		"unknown architecture":  {map[string]any{"arch": "amd64"}, settings{}, "context arch"},
		"stage in upper case":   {map[string]any{"stage": "PROD"}, settings{}, "context stage"},
		"stage that is no text": {map[string]any{"stage": 7}, settings{}, "context stage"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := settingsOf(newApp(t.TempDir(), c.context), "b")
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) {
					t.Fatalf("want an error about %q, got %v", c.wrong, err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestBootstraps(t *testing.T) {
	build := t.TempDir()
	s := settings{arch: "arm64", stage: "prod", build: build}
	if err := bootstraps(s); err == nil || !strings.Contains(err.Error(), "webhook is not built") {
		t.Errorf("an empty folder: got %v", err)
	}
	writeBootstraps(t, build)
	if err := bootstraps(s); err != nil {
		t.Error(err)
	}
}

// synthesis is one run of the app: its folder and its template, with hashes replaced.
type synthesis struct {
	folder   string
	raw      []byte
	template []byte
}

func synthesize(t *testing.T, context map[string]any) synthesis {
	t.Helper()
	build, out := t.TempDir(), t.TempDir()
	writeBootstraps(t, build)
	app := newApp(out, context)
	s, err := settingsOf(app, build)
	if err != nil {
		t.Fatal(err)
	}
	newStack(app, s)
	app.Synth(nil)
	raw, err := os.ReadFile(filepath.Join(out, stackID+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return synthesis{folder: out, raw: raw, template: normalise(t, raw)}
}

// writeBootstraps makes stand-ins for the binaries: the golden must not depend on what was built.
func writeBootstraps(t *testing.T, build string) {
	t.Helper()
	for _, f := range functions() {
		for _, architecture := range []string{"arm64", "amd64"} {
			folder := filepath.Join(build, architecture, f.name)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(architecture+" "+f.name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// normalise replaces the hashes of assets and prints with sorted keys.
func normalise(t *testing.T, raw []byte) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAll(raw, []byte("ASSET"))))
	decoder.UseNumber()
	var parsed any
	if err := decoder.Decode(&parsed); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(parsed); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func equalsGolden(t *testing.T, s synthesis) {
	if updating() {
		if err := os.WriteFile(goldenFile, s.template, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(s.template)); diff != "" {
		t.Errorf("synthesis differs from %s (-golden +synthesis); if you meant it, run with -update:\n%s", goldenFile, diff)
	}
}

// differs compares two templates leaf by leaf and knows every difference the settings may make.
func differs(t *testing.T, deployed, disposable []byte) {
	got := map[string]int{}
	a, b := leaves(t, deployed), leaves(t, disposable)
	for path, value := range a {
		if other, found := b[path]; !found || other != value {
			got[kind(path)+": "+value+" → "+other]++
		}
	}
	for path, value := range b {
		if _, found := a[path]; !found {
			got[kind(path)+":  → "+value]++
		}
	}
	want := map[string]int{
		"Architectures/0: arm64 → x86_64":                                                       8,
		"DeletionPolicy: Retain → Delete":                                                       22, // tables, secrets, buckets, log groups, key, user pool
		"UpdateReplacePolicy: Retain → Delete":                                                  22,
		"DeletionProtectionEnabled: true → false":                                               2,
		"DeletionProtection: ACTIVE → INACTIVE":                                                 1,
		"Name: gestor-prod → gestor-dev":                                                        1,
		"BudgetName: gestor-prod → gestor-dev":                                                  1,
		"DashboardName: gestor-prod → gestor-dev":                                               1,
		"Value: gestor-prod → gestor-dev":                                                       1, // the dashboard's name among the outputs
		"1/0: gestor-prod → gestor-dev":                                                         1, // the login's domain
		"Description: Everything the gestor stores (prod) → Everything the gestor stores (dev)": 1,
		"ReservedConcurrentExecutions: 50 → ":                                                   2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// kind is the property a path ends in, with the place in its list.
func kind(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if last >= "0" && last <= "9" {
		return parts[len(parts)-2] + "/" + last
	}
	return last
}

// leaves flattens a template: path to value, as text.
func leaves(t *testing.T, template []byte) map[string]string {
	t.Helper()
	var parsed any
	if err := json.Unmarshal(template, &parsed); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	flatten("", parsed, out)
	return out
}

func flatten(path string, value any, out map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(path+"/"+key, inner, out)
		}
	case []any:
		for i, inner := range v {
			flatten(path+"/"+string(rune('0'+i)), inner, out)
		}
	default:
		text, _ := json.Marshal(v)
		out[path] = strings.Trim(string(text), `"`)
	}
}

// ownCode follows the metadata that SAM follows from each function to its folder.
func ownCode(t *testing.T, s synthesis, architecture string) {
	t.Helper()
	var parsed struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ Code struct{ S3Key string } }
			Metadata   map[string]any
		}
	}
	if err := json.Unmarshal(s.raw, &parsed); err != nil {
		t.Fatal(err)
	}
	got, want := map[string]string{}, map[string]string{}
	for id, r := range parsed.Resources {
		if r.Type != "AWS::Lambda::Function" {
			continue
		}
		folder, _ := r.Metadata["aws:asset:path"].(string)
		content, err := os.ReadFile(filepath.Join(s.folder, folder, "bootstrap"))
		if err != nil {
			t.Error(err)
		}
		if r.Properties.Code.S3Key != strings.TrimPrefix(folder, "asset.")+".zip" {
			t.Errorf("%s: code %s is not asset %s", id, r.Properties.Code.S3Key, folder)
		}
		got[id] = string(content)
	}
	for _, f := range functions() {
		want[f.logical()+"Function"] = architecture + " " + f.name
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// protected reads the stack's termination protection from the assembly's manifest; it is not part of a template.
func (s synthesis) protected(t *testing.T) bool {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct {
				TerminationProtection bool   `json:"terminationProtection"`
				StackName             string `json:"stackName"`
			} `json:"properties"`
		} `json:"artifacts"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(manifest.Artifacts))
	for name := range manifest.Artifacts {
		names = append(names, name)
	}
	sort.Strings(names)
	stack, found := manifest.Artifacts[stackID]
	if !found || !strings.HasPrefix(stack.Properties.StackName, "gestor-") {
		t.Fatalf("no stack %s named gestor-… among %v", stackID, names)
	}
	return stack.Properties.TerminationProtection
}
