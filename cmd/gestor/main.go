// Command gestor is the local system and the tools a developer or an operator types: it runs the whole stack on one
// machine, decodes and classifies captured material, computes legal deadlines, and drives a running system.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes of every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// terminal is what a command may touch of the process it runs in.
type terminal struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	env func(string) string
}

// fail prints one line that says what went wrong and where, and answers exit code 1.
func (t terminal) fail(command string, err error) int {
	_, _ = fmt.Fprintf(t.err, "gestor %s: %v\n", command, err)
	return exitFailed
}

// misuse prints one line that says how the call was wrong, and answers exit code 2.
func (t terminal) misuse(command string, err error) int {
	_, _ = fmt.Fprintf(t.err, "gestor %s: %v (gestor %s --help)\n", command, err, command)
	return exitUsage
}

// command is one verb of the program; run answers an exit code.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, term terminal) int
}

func commands() []command {
	return []command{
		{"run", "starts the whole local system in the foreground", runLocal},
		{"decode", "turns a webhook body into canonical events, one JSON line each", runDecode},
		{"classify", "classifies mentions given as JSON lines", runClassify},
		{"plazo", "computes deadlines and counts in Chilean business days", runPlazo},
		{"connect", "connects one of our accounts on a network", runConnect},
		{"model", "says which model classifies, tries another, switches and goes back", runModel},
		{"send", "signs a body with the local secret and posts it to the webhook", runSend},
		{"load", "drives a running local system and checks that nothing is lost or doubled", runLoad},
		{"unpack", "gives back the bytes of a delivery that was kept", runUnpack},
		{"cost", "prints what the system costs in the cloud", runCost},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv})
	stop()
	os.Exit(code)
}

// dispatch finds the command and runs it; without one, or with an unknown one, it prints the list.
func dispatch(ctx context.Context, args []string, term terminal) int {
	if len(args) == 0 {
		usage(term.err)
		return exitUsage
	}
	if args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		usage(term.out)
		return exitDone
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], term)
		}
	}
	_, _ = fmt.Fprintf(term.err, "gestor: unknown command %q\n", args[0])
	usage(term.err)
	return exitUsage
}

func usage(w io.Writer) {
	_, _ = fmt.Fprintln(w, "usage: gestor <command> [flags]")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
}
