package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// api is the system's API, asked as a person's console asks it. Token is that of the person.
type api struct{ url, token string }

// checkURL refuses what is no address of a system.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("--url %q is not an address such as %s", address, defaultURL)
	}
	return nil
}

// enter signs a user of a local system in, where no token was given.
func (a *api) enter(ctx context.Context, user string) error {
	if a.token != "" {
		return nil
	}
	var in struct{ Token string }
	if err := a.ask(ctx, "/local/login", map[string]string{"user": user}, &in); err != nil {
		return fmt.Errorf("sign in (GESTOR_TOKEN holds the token where the system is not a local one): %w", err)
	}
	a.token = in.Token
	return nil
}

// refused is the service's word that a request will not do, however often it is made.
type refused struct{ status, detail string }

func (r refused) Error() string { return r.status + ": " + r.detail }

// ask asks the system: with a body it is a write. A refusal gives the service's own sentence.
func (a *api) ask(ctx context.Context, path string, body, out any) error {
	if body == nil {
		return a.do(ctx, http.MethodGet, path, "", nil, out)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return a.do(ctx, http.MethodPost, path, "application/json", raw, out)
}

// do makes one request with a body of a type; a write is one of its own.
func (a *api) do(ctx context.Context, method, path, mediaType string, raw []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", mediaType)
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxShown))
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusInternalServerError {
		return errors.New(res.Status)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var p struct{ Title, Detail string }
		if json.Unmarshal(answer, &p) != nil || p.Detail == "" {
			p.Detail = p.Title
		}
		return refused{res.Status, shown(p.Detail)}
	}
	return json.Unmarshal(answer, out)
}
