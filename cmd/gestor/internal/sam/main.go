// Command sam drives the SAM CLI: it invokes every function with every file of events/invoke, in the containers SAM makes,
// against a running local system, and looks afterwards at what should have happened. Only .ci/sam.sh runs it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "sam: %v\n", err)
		stop()
		os.Exit(1)
	}
}

// setup says where everything is.
type setup struct {
	program   string // the SAM CLI
	python    string // its Python, for start-api
	image     string // what functions run on
	template  string // the x86_64 variant; the copy for SAM is written beside it
	functions string // functions.json of the local system
	events    string // events/invoke
	base, sim string // the local system and its simulator
	keep      bool
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s setup
	flags := flag.NewFlagSet("sam", flag.ContinueOnError)
	flags.StringVar(&s.program, "sam", "sam", "the SAM CLI")
	flags.StringVar(&s.python, "python", "python3", "the Python of the SAM CLI")
	flags.StringVar(&s.image, "image", "", "base image of the functions")
	flags.StringVar(&s.template, "template", "", "synthesized template, x86_64")
	flags.StringVar(&s.functions, "functions", "", "functions.json of the local system")
	flags.StringVar(&s.events, "events", "events/invoke", "folder of events")
	flags.StringVar(&s.base, "base", "", "URL of the local system")
	flags.StringVar(&s.sim, "sim", "", "URL of the simulator")
	flags.BoolVar(&s.keep, "keep", false, "afterwards, print what to type and wait for Ctrl-C")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l, err := newLane(ctx, s, out)
	if err != nil {
		return err
	}
	if err := l.seed(ctx); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	l.invokeAll(ctx)
	l.startAPI(ctx)
	if s.keep {
		l.wait(ctx)
	}
	_, _ = fmt.Fprintf(out, "sam: %d checks, %d failed\n", l.checks, l.failed)
	if l.failed > 0 {
		return fmt.Errorf("%d checks failed", l.failed)
	}
	return nil
}

// wait says how to go on by hand, and waits until somebody has had enough.
func (l *lane) wait(ctx context.Context) {
	_, _ = fmt.Fprintln(l.out, "\nIn another terminal, in this folder, until Ctrl-C here:")
	for _, name := range []string{"DOCKER_HOST", "SAM_CLI_TELEMETRY", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} {
		if value, set := os.LookupEnv(name); set {
			_, _ = fmt.Fprintf(l.out, "  export %s=%s\n", name, value)
		}
	}
	example := l.command(ctx, "invoke", logical("desk"), "-e", filepath.Join(l.events, "desk", "health.json"))
	_, _ = fmt.Fprintf(l.out, "  %s\n", strings.Join(example.Args, " "))
	<-ctx.Done()
}

// lane is one run of the checks.
type lane struct {
	setup
	out            io.Writer
	copied         string // the template as SAM gets it
	environments   map[string]map[string]string
	checks, failed int
	token          string
}

func newLane(ctx context.Context, s setup, out io.Writer) (*lane, error) {
	l := &lane{setup: s, out: out, copied: filepath.Join(filepath.Dir(s.template), "sam.template.json")}
	raw, err := os.ReadFile(s.functions)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &l.environments); err != nil {
		return nil, fmt.Errorf("%s: %w", s.functions, err)
	}
	if err := l.declare(); err != nil {
		return nil, err
	}
	var login struct{ Token string }
	if status, err := l.ask(ctx, "POST", s.base+"/local/login", `{"user":"supervisor"}`, &login); err != nil || status != 200 {
		return nil, fmt.Errorf("login: %d, %w", status, err)
	}
	l.token = login.Token
	return l, nil
}

// declare writes the template as SAM gets it: SAM passes on only the variables of --env-vars that a function's template
// names, and the addresses of the emulators are named nowhere, because nothing deployed has them.
func (l *lane) declare() error {
	raw, err := os.ReadFile(l.template)
	if err != nil {
		return err
	}
	var template map[string]any
	if err := json.Unmarshal(raw, &template); err != nil {
		return fmt.Errorf("%s: %w", l.template, err)
	}
	resources, _ := template["Resources"].(map[string]any)
	for id, environment := range l.environments {
		variables, found := at(resources, id, "Properties", "Environment", "Variables")
		if !found {
			return fmt.Errorf("%s: %s has no environment", l.template, id)
		}
		for name := range environment {
			if _, named := variables[name]; !named {
				variables[name] = ""
			}
		}
	}
	text, err := json.MarshalIndent(template, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(l.copied, text, 0o600)
}

// at walks down nested objects.
func at(object map[string]any, path ...string) (map[string]any, bool) {
	for _, name := range path {
		next, found := object[name].(map[string]any)
		if !found {
			return nil, false
		}
		object = next
	}
	return object, true
}

// check prints one line and counts it; problems empty is a success.
func (l *lane) check(name string, problems ...string) {
	l.checks++
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" })
	if len(problems) == 0 {
		_, _ = fmt.Fprintf(l.out, "ok    %s\n", name)
		return
	}
	l.failed++
	_, _ = fmt.Fprintf(l.out, "FAIL  %s\n        %s\n", name, strings.Join(problems, "\n        "))
}
