// Command infra writes the CloudFormation template of the whole system, and the assets it deploys, to cdk.out.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

func main() {
	code := run()
	jsii.Close()
	os.Exit(code)
}

// run synthesizes the app once and answers the exit code: 0 done, 1 failed, 2 wrong usage.
func run() int {
	context := map[string]any{}
	flag.Func("c", "context `key=value`: arch=arm64|x86_64, stage=prod|dev|… (the CDK CLI passes its own)", func(pair string) error {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return fmt.Errorf("want key=value, got %q", pair)
		}
		context[key] = value
		return nil
	})
	build := flag.String("build", "build", "`folder` that holds <architecture>/<function>/bootstrap")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		return 2
	}
	// The CDK CLI chooses the folder itself; an Outdir given here would win over its choice.
	outdir := ""
	if os.Getenv("CDK_OUTDIR") == "" {
		outdir = "cdk.out"
	}
	folder, err := filepath.Abs(*build)
	if err != nil {
		return failed(err)
	}
	app := newApp(outdir, context)
	s, err := settingsOf(app, folder)
	if err != nil {
		return failed(err)
	}
	if err := bootstraps(s); err != nil {
		return failed(err)
	}
	newStack(app, s)
	app.Synth(nil)
	return 0
}

// bootstraps says which binary is missing, in our words, before CDK panics with its own.
func bootstraps(s settings) error {
	for _, f := range functions() {
		path := filepath.Join(s.asset(f.name), "bootstrap")
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("function %s is not built: %w (make synth builds it)", f.name, err)
		}
	}
	return nil
}

func failed(err error) int {
	_, _ = fmt.Fprintf(os.Stderr, "infra: %v\n", err)
	return 1
}
