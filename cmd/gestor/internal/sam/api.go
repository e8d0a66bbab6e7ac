package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sence.gob.cl/gestor/shared/meta"
)

// startAPI runs `sam local start-api` and calls it as the outside would.
func (l *lane) startAPI(ctx context.Context) {
	address, err := free(ctx)
	if err != nil {
		l.check("start-api", err.Error())
		return
	}
	_, port, _ := net.SplitHostPort(address)
	log, err := os.Create(filepath.Join(filepath.Dir(l.functions), "start-api.log"))
	if err != nil {
		l.check("start-api", err.Error())
		return
	}
	defer func() { _ = log.Close() }()
	cmd := l.command(ctx, "start-api", "--host", "127.0.0.1", "-p", port, "--warm-containers", "LAZY")
	// By way of our own entry, which puts SAM's clock right.
	cmd.Path, cmd.Args = l.python, append([]string{l.python, ".ci/sam_api.py"}, cmd.Args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	// Interrupted, it takes its containers away.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		l.check("start-api", err.Error())
		return
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		select {
		case <-ended:
		case <-time.After(cmd.WaitDelay):
			_ = cmd.Process.Kill()
			<-ended
		}
	}()
	l.check("start-api serves", until(ctx, func() string {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err.Error()
		}
		return closed(conn)
	}))
	l.callAPI(ctx, "http://"+address)
}

func closed(conn net.Conn) string {
	if err := conn.Close(); err != nil {
		return err.Error()
	}
	return ""
}

// callAPI makes the calls. SAM plays no JWT authorizer, so behind it nobody's token is verified and the function, which
// trusts only what the authorizer passes on, lets nobody in; events/invoke/desk has the calls of a verified person.
func (l *lane) callAPI(ctx context.Context, api string) {
	raw, err := os.ReadFile(filepath.Join(l.events, "webhook", "comment.json"))
	if err != nil {
		l.check("start-api webhook", err.Error())
		return
	}
	var event struct{ Body string }
	if err := json.Unmarshal(raw, &event); err != nil {
		l.check("start-api webhook", err.Error())
		return
	}
	const comment = "122100000000000101_9000031"
	// Another comment by another person: more words of the same one would join their case.
	body := []byte(strings.ReplaceAll(event.Body, "9000001", "9000031"))
	status := func(method, path string, body []byte, headers ...string) int {
		got, err := l.ask(ctx, method, api+path, string(body), nil, headers...)
		if err != nil {
			return -1
		}
		return got
	}
	expect := func(name string, got, want int, then func(context.Context) string) {
		problem := ""
		if got != want {
			problem = fmt.Sprintf("status %d, want %d", got, want)
		} else if then != nil {
			problem = then(ctx)
		}
		l.check("start-api "+name, problem)
	}
	signature := http.CanonicalHeaderKey(meta.SignatureHeader)
	expect("forged webhook", status("POST", "/webhooks/facebook", body, signature, meta.Sign(body, "otro-secreto")), 403, l.absent(comment))
	expect("signed webhook", status("POST", "/webhooks/facebook", body, signature, meta.Sign(body, "local-meta-app-secret")), 200, l.opened(comment))
	expect("console", status("GET", "/", nil), 200, nil)
	expect("health", status("GET", "/healthz", nil), 200, nil)
	expect("API without a token", status("GET", "/api/v1/tickets", nil), 401, nil)
	expect("API with a token nobody verified", status("GET", "/api/v1/tickets", nil, "Authorization", "Bearer "+l.token), 401, nil)
	without := l.token
	l.token = ""
	got, _ := l.ask(ctx, "GET", l.base+"/api/v1/tickets", "", nil)
	l.token = without
	expect("the local gateway, without a token", got, 401, nil)
	got, _ = l.ask(ctx, "GET", l.base+"/api/v1/tickets", "", nil)
	expect("the local gateway, with a token", got, 200, nil)
}

// free gives a port that is free now.
func free(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
