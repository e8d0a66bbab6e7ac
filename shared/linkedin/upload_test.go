package linkedin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// A part that did not arrive is sent at the next call, and those that did are not; addresses that are over are asked for anew.
func TestPrepare_goesOn(t *testing.T) {
	fail := true
	p, asked := desk(t, platformtest.Files{}, func(r *http.Request, _ string) *platformtest.Answer {
		if fail && r.URL.Path == "/dms-uploads/v/1" {
			return &platformtest.Answer{Status: 503}
		}
		return nil
	})
	b := post.Broadcast{Account: us, Text: "Mira", Media: []post.Attached{file("v", post.Video, "x", 9<<20)}}
	got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
	if fault.Of(err) != fault.Transient || len(*asked) != 3 {
		t.Fatalf("%v after %v", err, *asked)
	}
	b.Prepared, fail, *asked = got, false, nil
	if got, err = p.Prepare(t.Context(), b, platformtest.SaidAt()); err != nil || len(*asked) != 3 || !strings.HasPrefix((*asked)[0], "PUT /dms-uploads/v/1") {
		t.Errorf("%v after %v", err, *asked)
	}
	for name := range got.Has {
		if name != "v/urn" && name != "v/step" {
			t.Errorf("keeps %s, which nobody needs any more", name)
		}
	}
	*asked = nil
	if _, err = p.Prepare(t.Context(), b, platformtest.SaidAt().Add(time.Hour)); err != nil || len(*asked) != 5 {
		t.Errorf("late: %v after %v", err, *asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := p.Prepare(ctx, b, platformtest.SaidAt()); err != nil || got.Ready || got.Wait <= 0 || got.Has["v/tags"] != "etag-0" {
		t.Errorf("without time: %+v, %v", got, err)
	}
}

type brokenFiles struct{ err error }

func (f brokenFiles) Range(context.Context, string, int64, int64) ([]byte, error) {
	return []byte("corto"), f.err
}

func TestPrepare_refuses(t *testing.T) {
	begins := func(body string) func(*http.Request, string) *platformtest.Answer {
		return func(r *http.Request, here string) *platformtest.Answer {
			if r.URL.Query().Get("action") != "initializeUpload" {
				return nil
			}
			a := good(strings.ReplaceAll(body, "{here}", here))
			return &a
		}
	}
	failed := func(r *http.Request, _ string) *platformtest.Answer {
		if !strings.HasPrefix(r.URL.Path, "/rest/videos/") {
			return nil
		}
		a := good(`{"status":"PROCESSING_FAILED","processingFailureReason":"CANARY"}`)
		return &a
	}
	const parts = `{"value":{"video":"urn:li:video:V1","uploadInstructions":[%s]}}`
	for name, c := range map[string]struct {
		media  []post.Attached
		text   string
		files  linkedin.Files
		answer func(*http.Request, string) *platformtest.Answer
		kind   fault.Kind
		reason string
	}{
		"21 pictures":          {media: slices.Repeat([]post.Attached{file("a", post.Image, "x", 1)}, 21), kind: fault.Permanent, reason: once.ReasonContent},
		"a video and more":     {media: []post.Attached{file("v", post.Video, "x", 1), file("a", post.Image, "x", 1)}, kind: fault.Permanent, reason: once.ReasonContent},
		"no size":              {media: []post.Attached{file("a", post.Image, "x", 0)}, kind: fault.Invalid, reason: once.ReasonInput},
		"a strange kind":       {media: []post.Attached{file("a", "audio", "x", 1)}, kind: fault.Invalid, reason: once.ReasonInput},
		"too large to hold":    {media: []post.Attached{file("a", post.Image, "x", 40<<20)}, kind: fault.Permanent, reason: once.ReasonContent},
		"too long":             {text: strings.Repeat("ñ", 3001), kind: fault.Permanent, reason: once.ReasonContent},
		"another host":         {answer: begins(fmt.Sprintf(parts, `{"firstByte":0,"lastByte":4,"uploadUrl":"https://linkedin.com.example/x"}`)), kind: fault.Permanent, reason: "foreign_host"},
		"another port":         {answer: begins(fmt.Sprintf(parts, `{"firstByte":0,"lastByte":4,"uploadUrl":"https://www.linkedin.com:99/x"}`)), kind: fault.Permanent, reason: "foreign_host"},
		"in the clear":         {answer: begins(fmt.Sprintf(parts, `{"firstByte":0,"lastByte":4,"uploadUrl":"http://www.linkedin.com/x"}`)), kind: fault.Permanent, reason: "foreign_host"},
		"a gap":                {answer: begins(fmt.Sprintf(parts, `{"firstByte":1,"lastByte":4,"uploadUrl":"{here}/x"}`)), kind: fault.Transient, reason: once.ReasonUnknown},
		"too short":            {answer: begins(fmt.Sprintf(parts, `{"firstByte":0,"lastByte":3,"uploadUrl":"{here}/x"}`)), kind: fault.Transient, reason: once.ReasonUnknown},
		"no parts":             {answer: begins(`{"value":{"video":"urn:li:video:V1"}}`), kind: fault.Transient, reason: once.ReasonUnknown},
		"a strange URN":        {answer: begins(`{"value":{"video":"urn:li:video:../1","uploadInstructions":[{"firstByte":0,"lastByte":4,"uploadUrl":"{here}/x"}]}}`), kind: fault.Transient, reason: once.ReasonUnknown},
		"a gone file":          {files: brokenFiles{fault.New(fault.NotFound, "s3.Range", nil)}, kind: fault.Permanent, reason: once.ReasonFile},
		"a file not to be had": {files: brokenFiles{errors.New("x")}, kind: fault.Transient, reason: once.ReasonFile},
		"another file":         {media: []post.Attached{file("v", post.Video, "x", 6)}, files: brokenFiles{}, kind: fault.Invalid, reason: once.ReasonInput},
		"cannot be worked on":  {answer: failed, kind: fault.Permanent, reason: once.ReasonContent},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = plainly
			}
			if c.files == nil {
				c.files = platformtest.Files{}
			}
			if c.media == nil {
				c.media = []post.Attached{file("v", post.Video, "x", 5)}
			}
			p, _ := desk(t, c.files, c.answer)
			b := post.Broadcast{Account: us, Text: "Mira" + c.text, Media: c.media}
			var err error
			for range 3 {
				if b.Prepared, err = p.Prepare(t.Context(), b, platformtest.SaidAt()); err != nil {
					break
				}
			}
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || b.Prepared.Ready {
				t.Errorf("%+v, %v", b.Prepared, err)
			}
		})
	}
}
