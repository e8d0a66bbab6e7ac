//go:build linux && amd64

package main_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// callOut calls out in every way that Go has: to where it may, and to elsewhere. It tells which came to something.
func callOut(allowed string) {
	tell := func(what string, err error) { _, _ = fmt.Println(what, err == nil) }
	dial := func(network, address string) {
		c, err := net.Dial(network, address)
		if err == nil {
			err = c.Close()
		}
		tell(network+" "+address, err)
	}
	if address, child := strings.CutPrefix(allowed, "child "); child {
		dial("tcp", address)
		return
	}
	dial("tcp", allowed)
	dial("tcp", "192.0.2.1:443")
	dial("tcp", "[2001:db8::1]:443")
	dial("tcp", "127.0.0.1:1") // our own machine, and not what may be reached
	dial("udp", "192.0.2.53:53")
	dial("unix", "/tmp/gestor-no-such-socket")
	loose, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	_, err = loose.WriteTo([]byte("texto"), &net.UDPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9})
	tell("udp without a connection", err)
	_, _, err = loose.WriteMsgUDP([]byte("texto"), []byte{}, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 8), Port: 9})
	tell("a message without a connection", err)
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, "192.0.2.54:53")
	}}
	_, err = resolver.LookupHost(context.Background(), "palabras-de-una-persona.example")
	tell("a name", err)
	child := exec.Command(os.Args[0])
	child.Env = []string{plantVariable + "=child 192.0.2.9:80"}
	out, _ := child.Output()
	_, _ = os.Stdout.Write(out)
}

// recorded gives the lines of a record, in order.
func recorded(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	lines := strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' })
	slices.Sort(lines)
	return lines
}

// The watch sees each way out, lets through what is allowed, and nothing else: a test that leans on it can fail.
func TestWatch_Planted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	record := filepath.Join(t.TempDir(), "record")
	cmd := exec.CommandContext(t.Context(), os.Args[0], os.Args[0])
	cmd.Env = append(os.Environ(), watchVariable+"="+record, allowVariable+"=GESTOR_TEST_PASS_CALLS", "GESTOR_TEST_PASS_CALLS="+l.Addr().String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"tcp " + l.Addr().String() + " true", "tcp 192.0.2.1:443 false", "tcp [2001:db8::1]:443 false", "tcp 127.0.0.1:1 false", "udp 192.0.2.53:53 false",
		"unix /tmp/gestor-no-such-socket false", "udp without a connection false", "a message without a connection false", "a name false", "tcp 192.0.2.9:80 false",
	}
	if diff := cmp.Diff(want, strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })); diff != "" {
		t.Error(diff)
	}
	seen := []string{
		"allowed " + l.Addr().String(), "denied 127.0.0.1:1", "denied 192.0.2.1:443", "denied 192.0.2.53:53", "denied 192.0.2.54:53", "denied 192.0.2.7:9",
		"denied 192.0.2.8:9", "denied 192.0.2.9:80", "denied [2001:db8::1]:443", "denied the socket /tmp/gestor-no-such-socket",
	}
	slices.Sort(seen)
	if diff := cmp.Diff(seen, recorded(t, record)); diff != "" {
		t.Error(diff)
	}
}

// TestEgress_Classify: what a person has classified on the command line goes nowhere at all.
func TestEgress_Classify(t *testing.T) {
	record := filepath.Join(t.TempDir(), "record")
	program, err := filepath.Abs("../../bin/gestor")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], program, "classify")
	cmd.Env = append(os.Environ(), watchVariable+"="+record)
	cmd.Stdin = strings.NewReader(`{"id":"1","text":"Mira https://example.org/x y escribe a ana@example.org, exijo una solución"}` + "\n")
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), `"intent":"`) {
		t.Fatalf("%v: %s", err, out)
	}
	if got := recorded(t, record); len(got) > 0 {
		t.Errorf("gestor classify calls out: %q", got)
	}
}

// watchIntake gives a folder of functions in which intake runs under watch, and the file of the record. It may reach what these
// variables of its environment name.
func watchIntake(t *testing.T, allowed ...string) (folder, record string) {
	t.Helper()
	built, err := filepath.Abs(filepath.Join("..", "..", "build", runtime.GOARCH))
	if err != nil {
		t.Fatal(err)
	}
	folder, record = t.TempDir(), filepath.Join(t.TempDir(), "record")
	names, err := filepath.Glob(filepath.Join(built, "*", "bootstrap"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no functions are built: run make build (%v)", err)
	}
	for _, name := range names {
		into := filepath.Join(folder, filepath.Base(filepath.Dir(name)))
		if err := os.Mkdir(into, 0o700); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(into) != "intake" {
			err = os.Symlink(name, filepath.Join(into, "bootstrap"))
		} else {
			script := fmt.Sprintf("#!/bin/sh\n%s='%s' %s='%s' exec '%s' '%s'\n", watchVariable, record, allowVariable, strings.Join(allowed, " "), os.Args[0], name)
			err = os.WriteFile(filepath.Join(into, "bootstrap"), []byte(script), 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder, record
}

// hear has people write what asks for calls out: links, addresses, files, on each network.
func (w *whole) hear() {
	w.t.Helper()
	w.find("ejecutivo1", w.write("comment", "Persona Ficticia Uno", "Mira https://example.org/a, llevo tres meses esperando, exijo una solución"))
	w.find("ejecutivo1", w.write("comment", "Persona Ficticia Dos", "Escríbanme a ana@example.org o en www.example.org"))
	for _, network := range []string{"x", "instagram", "linkedin", "whatsapp"} {
		kind := map[string]string{"x": "mention", "whatsapp": "dm"}[network]
		if kind == "" {
			kind = "comment"
		}
		w.set(network+"/messages", anything{"author": "ficticia", "name": "Persona Ficticia", "text": "@sence ¿Dónde me inscribo? https://example.org marca-" + network, "kind": kind}, nil)
		w.until("the case of "+network, func() bool { return len(w.list("supervisor", "view=all&network="+network)) == 1 })
	}
	w.post("facebook", "right", []byte(`{"object":"page","entry":[{"id":"1","changes":[{"field":"http://192.0.2.1/","value":{}}]}]}`))
}

// TestEgress_Intake: intake reaches its own endpoints of AWS and Lambda itself, and tries to reach nothing else, whatever people write;
// with a model from storage and another in its shadow too. Where storage is none of what it may reach, the watch says so, and intake
// goes on.
func TestEgress_Intake(t *testing.T) {
	const lambda, storage = "AWS_LAMBDA_RUNTIME_API", "AWS_ENDPOINT_URL_S3"
	for name, c := range map[string]struct{ allowed, denied []string }{
		"its own endpoints":       {allowed: []string{lambda, "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SECRETS_MANAGER", storage}},
		"storage is none of them": {allowed: []string{lambda, "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SECRETS_MANAGER"}, denied: []string{storage}},
	} {
		t.Run(name, func(t *testing.T) {
			folder, record := watchIntake(t, c.allowed...)
			w := start(t, "GESTOR_FUNCTIONS="+folder)
			w.model("use", w.model("add", otherModel(t, "otro")))
			w.model("shadow", "embedded")
			w.later(2 * time.Minute) // what was known of the models is read again
			w.hear()
			settings := w.settings("IntakeFunction")
			want := map[string]bool{}
			for verdict, names := range map[string][]string{"allowed ": c.allowed, "denied ": c.denied} {
				for _, name := range names {
					if name != lambda { // each process of a function has its own
						want[verdict+strings.TrimPrefix(settings[name], "http://")] = true
					}
				}
			}
			others := 0
			for _, line := range recorded(t, record) {
				if !want[line] {
					others++
					if others > 1 || !strings.HasPrefix(line, "allowed ") { // one is Lambda
						t.Errorf("intake: %s", line)
					}
				}
				delete(want, line)
			}
			for line := range want {
				t.Errorf("intake never tried: %s", line)
			}
		})
	}
}
