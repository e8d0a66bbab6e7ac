package x

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/once"
	texts "sence.gob.cl/gestor/shared/post"
)

// How media go to X (X, "Media", "Chunked upload"): in at most 1 000 segments of at most 5 MB, good for a day, with a text of
// at most 1 000 characters for who does not see them. X takes no such text for a video.
const (
	segmentSize = 4 << 20
	mostFiles   = 4
	mostAlt     = 1000
	mediaLife   = 24 * time.Hour
	mediaMargin = time.Hour
)

// What is known of a file on its way, in Prepared.Has behind its id and a slash: X's number of it, the next segment, and the
// step it has come to.
const (
	hasMedia = "/media"
	hasNext  = "/next"
	hasStep  = "/step"

	stepWorks = "works" // X has all of it and works on it
	stepAlt   = "alt"   // and is ready, but does not know yet what it shows
	stepDone  = "done"
)

// How long until a look is worth it: where the rest did not fit, and where X works and does not say.
const (
	soon    = time.Second
	longest = 5 * time.Minute
)

// attachable refuses files that X does not take together.
func attachable(op string, files []texts.Attached) error {
	if len(files) > mostFiles {
		return once.Refuse(op, once.ReasonContent, "media")
	}
	for _, f := range files {
		switch {
		case f.ID == "" || f.Type == "" || f.Size <= 0 || category(f) == "":
			return once.Refuse(op, once.ReasonInput, "media")
		case f.Kind != texts.Image && len(files) > 1:
			return once.Refuse(op, once.ReasonContent, "media")
		}
	}
	return nil
}

// category is what X calls a kind of file.
func category(f texts.Attached) string {
	switch f.Kind {
	case texts.Image:
		return "tweet_image"
	case texts.GIF:
		return "tweet_gif"
	case texts.Video:
		return "tweet_video"
	default:
		return ""
	}
}

// ready gives X's numbers of the files of a post, and whether all of them are ready.
func ready(b texts.Broadcast) (ids []string, all bool) {
	for _, f := range b.Media {
		id := b.Prepared.Has[f.ID+hasMedia]
		if !number(id) || b.Prepared.Has[f.ID+hasStep] != stepDone {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, b.Prepared.Ready
}

// Prepare brings the files of a post to X, and says what they show. It goes on where b.Prepared says that it came to, and
// begins anew when that is too old; what does not fit into ctx's time is left for the next time, without an error.
// (POST /2/media/upload/initialize, /{id}/append and /{id}/finalize, GET /2/media/upload, POST /2/media/metadata)
func (p *Publisher) Prepare(ctx context.Context, b texts.Broadcast, now time.Time) (texts.Prepared, error) {
	const op = "x.Prepare"
	if err := sayable(op, b); err != nil {
		return texts.Prepared{}, err
	}
	if len(b.Media) == 0 {
		return texts.Prepared{Ready: true}, nil
	}
	if p.files == nil {
		return texts.Prepared{}, once.Refuse(op, once.ReasonUnsupported, "media")
	}
	if _, all := ready(b); all && b.Prepared.Good(now) {
		return b.Prepared, nil
	}
	u := upload{Publisher: p, op: op, account: b.Account, now: now, to: texts.Prepared{Has: map[string]string{}}}
	if now.Before(b.Prepared.Until) {
		u.to.Until = b.Prepared.Until
		for name, value := range b.Prepared.Has {
			u.to.Has[name] = value
		}
	}
	u.to.Ready = true
	for _, f := range b.Media {
		if err := u.bring(ctx, f); err != nil {
			u.to.Ready = false
			return u.to, u.unfitted(ctx, err)
		}
	}
	return u.to, nil
}

// unfitted gives the error of a step, none when the time is over: then it is what did not fit, whatever else it says.
func (u *upload) unfitted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	u.to.Wait = max(u.to.Wait, soon)
	return nil
}

// upload is one call of Prepare.
type upload struct {
	*Publisher
	op, account string
	now         time.Time
	to          texts.Prepared
}

// bring takes one file as far as it goes.
func (u *upload) bring(ctx context.Context, f texts.Attached) error {
	if !number(u.to.Has[f.ID+hasMedia]) {
		if err := u.initialize(ctx, f); err != nil {
			return err
		}
	}
	var err error
	switch u.to.Has[f.ID+hasStep] {
	case "":
		err = u.append(ctx, f)
		if err == nil {
			err = u.finalize(ctx, f)
		}
	case stepWorks:
		err = u.status(ctx, f)
	}
	if err != nil {
		return err
	}
	if u.to.Has[f.ID+hasStep] == stepAlt {
		if err := u.alt(ctx, f); err != nil {
			return err
		}
	}
	u.to.Ready = u.to.Ready && u.to.Has[f.ID+hasStep] == stepDone
	return nil
}

// ask makes one request about media and reads what it is answered with.
func (u *upload) ask(ctx context.Context, call once.Call) (media, once.Answer, error) {
	answer, err := u.out.call(ctx, u.op, u.account, call)
	if err != nil {
		return media{}, answer, err
	}
	err = answer.Verdict(u.op, false, refused)
	if use := usage(answer, err); use.Known() {
		u.to.Usage = use
	}
	if err != nil {
		return media{}, answer, err
	}
	var it struct {
		Data media `json:"data"`
	}
	if strings.TrimSpace(string(answer.Body)) != "" && !answer.Object(&it) {
		return media{}, answer, answer.Fail(u.op, false, once.Refusal{})
	}
	return it.Data, answer, nil
}

// media is a file as X has it.
type media struct {
	ID      ident       `json:"id"`
	Expires json.Number `json:"expires_after_secs"`
	Work    *struct {
		State words       `json:"state"`
		After json.Number `json:"check_after_secs"`
	} `json:"processing_info"`
}

// seconds reads a number of seconds, 0 for none.
func seconds(n json.Number) time.Duration {
	whole, err := strconv.ParseInt(string(n), 10, 32)
	if err != nil || whole < 0 {
		return 0
	}
	return time.Duration(whole) * time.Second
}

func (u *upload) initialize(ctx context.Context, f texts.Attached) error {
	got, answer, err := u.ask(ctx, once.Call{Path: "/2/media/upload/initialize", Body: map[string]any{
		"media_type": f.Type, "total_bytes": f.Size, "media_category": category(f),
	}})
	switch {
	case err != nil:
		return err
	case !number(got.ID.s):
		return answer.Fail(u.op, false, once.Refusal{})
	}
	life := mediaLife
	if said := seconds(got.Expires); said > 0 {
		life = min(life, said)
	}
	until := u.now.Add(life - min(mediaMargin, life/2)).UTC()
	if u.to.Until.IsZero() || until.Before(u.to.Until) {
		u.to.Until = until
	}
	u.to.Has[f.ID+hasMedia] = got.ID.s
	delete(u.to.Has, f.ID+hasNext)
	delete(u.to.Has, f.ID+hasStep)
	return nil
}

// append sends the segments that are not there yet. One that is sent again replaces itself.
func (u *upload) append(ctx context.Context, f texts.Attached) error {
	next, err := strconv.ParseInt(u.to.Has[f.ID+hasNext], 10, 32)
	if err != nil || next < 0 {
		next = 0
	}
	for at := next * segmentSize; at < f.Size; at += segmentSize {
		size := min(segmentSize, f.Size-at)
		part, err := u.files.Range(ctx, f.ID, at, size)
		if err != nil {
			return once.NoFile(u.op, err)
		}
		if int64(len(part)) != size {
			return once.Refuse(u.op, once.ReasonInput, "media") // it is not the file that was described
		}
		body, kind := segment(next, part)
		call := once.Call{Path: u.path(f) + "/append", Raw: body, Type: kind}
		if _, _, err := u.ask(ctx, call); err != nil {
			return err
		}
		next++
		u.to.Has[f.ID+hasNext] = strconv.FormatInt(next, 10)
	}
	return nil
}

func (u *upload) path(f texts.Attached) string {
	return "/2/media/upload/" + u.to.Has[f.ID+hasMedia]
}

// segment is the form that carries a segment. What parts its fields is made of its own bytes, so that it stands nowhere in them.
func segment(index int64, part []byte) (body []byte, kind string) {
	var form bytes.Buffer
	sum := sha256.Sum256(part)
	w := multipart.NewWriter(&form)
	_ = w.SetBoundary(hex.EncodeToString(sum[:])) // is one
	_ = w.WriteField("segment_index", strconv.FormatInt(index, 10))
	field, _ := w.CreateFormFile("media", "media") // a buffer takes everything
	_, _ = field.Write(part)
	_ = w.Close()
	return form.Bytes(), w.FormDataContentType()
}

func (u *upload) finalize(ctx context.Context, f texts.Attached) error {
	got, answer, err := u.ask(ctx, once.Call{Method: http.MethodPost, Path: u.path(f) + "/finalize"})
	if err != nil {
		return err
	}
	return u.worked(f, got, answer)
}

func (u *upload) status(ctx context.Context, f texts.Attached) error {
	got, answer, err := u.ask(ctx, once.Call{Path: "/2/media/upload?command=STATUS&media_id=" + u.to.Has[f.ID+hasMedia]})
	if err != nil {
		return err
	}
	return u.worked(f, got, answer)
}

// worked notes how far X is with a file that it has whole.
func (u *upload) worked(f texts.Attached, got media, answer once.Answer) error {
	switch {
	case got.ID.s != u.to.Has[f.ID+hasMedia]:
		return answer.Fail(u.op, false, once.Refusal{})
	case got.Work != nil && got.Work.State == "failed":
		return answer.Fail(u.op, false, once.Refusal{Reason: once.ReasonContent})
	case got.Work != nil && got.Work.State != "succeeded":
		u.to.Has[f.ID+hasStep] = stepWorks
		u.to.Wait = max(u.to.Wait, min(max(seconds(got.Work.After), soon), longest))
	case f.Kind == texts.Video || f.Alt == "":
		u.to.Has[f.ID+hasStep] = stepDone
	default:
		u.to.Has[f.ID+hasStep] = stepAlt
	}
	return nil
}

// alt says what a file shows.
func (u *upload) alt(ctx context.Context, f texts.Attached) error {
	said := f.Alt
	if utf8.RuneCountInString(said) > mostAlt {
		said = string([]rune(said)[:mostAlt-1]) + "…"
	}
	_, _, err := u.ask(ctx, once.Call{Path: "/2/media/metadata", Body: map[string]any{
		"id": u.to.Has[f.ID+hasMedia], "metadata": map[string]any{"alt_text": map[string]string{"text": said}},
	}})
	if err == nil {
		u.to.Has[f.ID+hasStep] = stepDone
	}
	return err
}
