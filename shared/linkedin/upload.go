package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// What is known of a file on its way, in Prepared.Has behind its id and a slash: LinkedIn's URN of it, where its parts go until
// when and what stands for the whole, what LinkedIn gave for each part that arrived, and the step it has come to.
const (
	hasURN   = "/urn"
	hasParts = "/parts" // a line each: first byte, last byte, address
	hasTill  = "/till"
	hasToken = "/token"
	hasTags  = "/tags" // a line each
	hasStep  = "/step"

	stepWorks = "works"
	stepDone  = "done"
)

// How long until a look is worth it, by what is worked on, and where the rest did not fit; how large a part may be, which
// LinkedIn makes 4 MB, and how long before the end of an address nothing is begun with it.
const (
	soon        = time.Second
	imageWait   = 2 * time.Second
	videoWait   = 10 * time.Second
	largestPart = 32 << 20
	lastMoment  = time.Minute
)

// attachable refuses files that LinkedIn does not take together.
func attachable(op string, files []post.Attached) error {
	if len(files) > mostFiles {
		return once.Refuse(op, once.ReasonContent, "media")
	}
	for _, f := range files {
		switch {
		case f.ID == "" || f.Size <= 0 || resource(f) == "":
			return once.Refuse(op, once.ReasonInput, "media")
		case f.Kind == post.Image && f.Size > largestPart, f.Kind == post.GIF && f.Size > largestPart, f.Kind == post.Video && len(files) > 1:
			return once.Refuse(op, once.ReasonContent, "media")
		}
	}
	return nil
}

// resource is where LinkedIn keeps a kind of file.
func resource(f post.Attached) string {
	switch f.Kind {
	case post.Image, post.GIF:
		return "images"
	case post.Video:
		return "videos"
	default:
		return ""
	}
}

// Prepare brings the files of a post to LinkedIn. It goes on where b.Prepared says that it came to; what does not fit into ctx's
// time is left for the next time, without an error.
// (POST /rest/images?action=initializeUpload, POST /rest/videos?action=initializeUpload and finalizeUpload, PUT of the parts,
// GET /rest/images/{urn}, GET /rest/videos/{urn})
func (p *Publisher) Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error) {
	const op = "linkedin.Prepare"
	if err := sayable(op, b); err != nil {
		return post.Prepared{}, err
	}
	if len(b.Media) == 0 {
		return post.Prepared{Ready: true}, nil
	}
	if p.files == nil {
		return post.Prepared{}, once.Refuse(op, once.ReasonUnsupported, "media")
	}
	if _, ready := attached(b); ready {
		return b.Prepared, nil
	}
	access, err := p.out.key(ctx, op, b.Account)
	if err != nil {
		return post.Prepared{}, err
	}
	u := upload{Publisher: p, op: op, us: organizationOf(b.Account), access: access, now: now, to: post.Prepared{Ready: true, Has: map[string]string{}}}
	for name, value := range b.Prepared.Has {
		u.to.Has[name] = value
	}
	for _, f := range b.Media {
		if err := u.bring(ctx, f); err != nil {
			u.to.Ready = false
			return u.to, u.unfitted(ctx, err)
		}
	}
	return u.to, nil
}

// upload is one call of Prepare.
type upload struct {
	*Publisher
	op, us string
	access channel.Access
	now    time.Time
	to     post.Prepared
}

// unfitted gives the error of a step, none when the time is over: then it is what did not fit, whatever else it says.
func (u *upload) unfitted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	u.to.Wait = max(u.to.Wait, soon)
	return nil
}

// bring takes one file as far as it goes.
func (u *upload) bring(ctx context.Context, f post.Attached) error {
	if u.to.Has[f.ID+hasURN] == "" || u.to.Has[f.ID+hasStep] == "" && u.late(f) {
		if err := u.initialize(ctx, f); err != nil {
			return err
		}
	}
	switch u.to.Has[f.ID+hasStep] {
	case "":
		if err := u.parts(ctx, f); err != nil {
			return err
		}
		if err := u.finalize(ctx, f); err != nil {
			return err
		}
	case stepWorks:
		if err := u.status(ctx, f); err != nil {
			return err
		}
	}
	u.to.Ready = u.to.Ready && u.to.Has[f.ID+hasStep] == stepDone
	return nil
}

// late reports addresses that are no good any more.
func (u *upload) late(f post.Attached) bool {
	till, err := strconv.ParseInt(u.to.Has[f.ID+hasTill], 10, 64)
	return err == nil && till > 0 && !u.now.Before(time.UnixMilli(till).Add(-lastMoment))
}

// ask makes one request of the API and reads what it is answered with, which may be nothing.
func (u *upload) ask(ctx context.Context, call once.Call, into any) (once.Answer, error) {
	answer, err := u.out.as(ctx, u.op, u.access.Token, call)
	if err != nil {
		return answer, err
	}
	return answer, u.judge(answer, into)
}

// judge reads an answer.
func (u *upload) judge(answer once.Answer, into any) error {
	err := answer.Verdict(u.op, false, refused)
	if use := usage(answer, err); use.Known() {
		u.to.Usage = use
	}
	switch {
	case err != nil:
		return err
	case !said(answer) || into != nil && !answer.Object(into):
		return answer.Fail(u.op, false, once.Refusal{})
	}
	return nil
}

// begun is what LinkedIn says of a file that is to come.
type begun struct {
	Value struct {
		Image ident  `json:"image"`
		URL   words  `json:"uploadUrl"`
		Till  int64  `json:"uploadUrlExpiresAt"`
		Video ident  `json:"video"`
		Tills int64  `json:"uploadUrlsExpireAt"`
		Token words  `json:"uploadToken"`
		Parts []part `json:"uploadInstructions"`
	} `json:"value"`
}

// part is a piece of a file and where it goes.
type part struct {
	First int64 `json:"firstByte"`
	Last  int64 `json:"lastByte"`
	URL   words `json:"uploadUrl"`
}

func (u *upload) initialize(ctx context.Context, f post.Attached) error {
	asked := map[string]any{"owner": u.us}
	if f.Kind == post.Video {
		asked = map[string]any{"owner": u.us, "fileSizeBytes": f.Size, "uploadCaptions": false, "uploadThumbnail": false}
	}
	var got begun
	answer, err := u.ask(ctx, once.Call{Path: "/rest/" + resource(f) + "?action=initializeUpload", Body: map[string]any{"initializeUploadRequest": asked}}, &got)
	if err != nil {
		return err
	}
	v := got.Value
	urn, till, all := v.Video, v.Tills, v.Parts
	if f.Kind != post.Video {
		urn, till, all = v.Image, v.Till, []part{{First: 0, Last: f.Size - 1, URL: v.URL}}
	}
	kind := strings.TrimSuffix(resource(f), "s")
	if id, ok := strings.CutPrefix(urn.s, "urn:li:"+kind+":"); !ok || !memberID(id) || !covers(all, f.Size) {
		return answer.Fail(u.op, false, once.Refusal{})
	}
	var lines []string
	for _, p := range all {
		if _, _, err := u.place(string(p.URL)); err != nil {
			return err
		}
		lines = append(lines, strconv.FormatInt(p.First, 10)+" "+strconv.FormatInt(p.Last, 10)+" "+string(p.URL))
	}
	for name, value := range map[string]string{
		hasURN: urn.s, hasParts: strings.Join(lines, "\n"), hasTill: strconv.FormatInt(till, 10), hasToken: string(v.Token), hasTags: "", hasStep: "",
	} {
		u.to.Has[f.ID+name] = value
	}
	return nil
}

// covers reports parts that are the whole file, in order, and none too large to be held.
func covers(all []part, size int64) bool {
	next := int64(0)
	for _, p := range all {
		if p.First != next || p.Last < p.First || p.Last-p.First >= largestPart {
			return false
		}
		next = p.Last + 1
	}
	return next == size
}

// place takes an address apart that LinkedIn gave for bytes of ours. They go to LinkedIn's hosts, and where our requests go.
func (u *upload) place(address string) (client once.Client, path string, err error) {
	at, err := url.Parse(address)
	ours, errOurs := url.Parse(u.out.client.Address("/"))
	if err != nil || errOurs != nil || at.User != nil || len(address) > maxURLBytes || strings.ContainsAny(address, " \n") ||
		!(at.Scheme == ours.Scheme && at.Host == ours.Host || at.Scheme == "https" && at.Port() == "" && strings.HasSuffix(at.Hostname(), ".linkedin.com")) {
		return client, "", fault.New(fault.Permanent, u.op, &once.Failure{Reason: reasonForeign})
	}
	client, _ = once.New(string(mention.LinkedIn), at.Scheme+"://"+at.Host, u.out.transport, u.out.timeout) // is an address
	return client, at.RequestURI(), nil
}

// reasonForeign: the network pointed to an address that is not its own.
const reasonForeign = "foreign_host"

// parts sends what is not there yet.
func (u *upload) parts(ctx context.Context, f post.Attached) error {
	lines := strings.Split(u.to.Has[f.ID+hasParts], "\n")
	var tags []string
	if sent := u.to.Has[f.ID+hasTags]; sent != "" {
		tags = strings.Split(sent, "\n")
	}
	for _, line := range lines[min(len(tags), len(lines)):] {
		from, rest, _ := strings.Cut(line, " ")
		to, address, _ := strings.Cut(rest, " ")
		first, errFirst := strconv.ParseInt(from, 10, 64)
		last, errLast := strconv.ParseInt(to, 10, 64)
		client, path, err := u.place(address)
		if errFirst != nil || errLast != nil || err != nil || last < first {
			delete(u.to.Has, f.ID+hasURN) // what was kept is spoilt: it begins anew
			return once.Answer{}.Fail(u.op, false, once.Refusal{})
		}
		tag, err := u.send(ctx, f, client, path, first, last-first+1)
		if err != nil {
			return err
		}
		tags = append(tags, tag)
		u.to.Has[f.ID+hasTags] = strings.Join(tags, "\n")
	}
	return nil
}

// send puts one part where it goes, and gives what LinkedIn calls it. A picture's address opens with our key; a video's does by
// itself, and gets none ("Images API", "Videos API").
func (u *upload) send(ctx context.Context, f post.Attached, client once.Client, path string, from, size int64) (tag string, err error) {
	raw, err := u.files.Range(ctx, f.ID, from, size)
	if err != nil {
		return "", once.NoFile(u.op, err)
	}
	if int64(len(raw)) != size {
		return "", once.Refuse(u.op, once.ReasonInput, "media") // it is not the file that was described
	}
	call := once.Call{Method: http.MethodPut, Path: path, Raw: raw, Type: "application/octet-stream"}
	if f.Kind != post.Video {
		call.Header = http.Header{"Authorization": {"Bearer " + u.access.Token}}
	}
	answer := client.Do(ctx, call)
	if err := answer.Verdict(u.op, false, refused); err != nil {
		return "", err
	}
	tag = strings.Trim(answer.Header.Get("Etag"), `"`)
	if f.Kind != post.Video {
		return "sent", u.judge(answer, nil)
	}
	if !visible(tag) {
		return "", answer.Fail(u.op, false, once.Refusal{})
	}
	return tag, nil
}

// finalize says that a video is whole; a picture is so by itself.
func (u *upload) finalize(ctx context.Context, f post.Attached) error {
	wait := imageWait
	if f.Kind == post.Video {
		wait = videoWait
		if _, err := u.ask(ctx, once.Call{Path: "/rest/videos?action=finalizeUpload", Body: map[string]any{"finalizeUploadRequest": map[string]any{
			"video": u.to.Has[f.ID+hasURN], "uploadToken": u.to.Has[f.ID+hasToken], "uploadedPartIds": strings.Split(u.to.Has[f.ID+hasTags], "\n"),
		}}}, nil); err != nil {
			return err
		}
	}
	for _, name := range []string{hasParts, hasTill, hasToken, hasTags} {
		delete(u.to.Has, f.ID+name)
	}
	u.to.Has[f.ID+hasStep] = stepWorks
	u.to.Wait = max(u.to.Wait, wait)
	return nil
}

// status asks how far LinkedIn is with a file that it has whole.
func (u *upload) status(ctx context.Context, f post.Attached) error {
	var got struct {
		Status words `json:"status"`
	}
	answer, err := u.ask(ctx, once.Call{Path: "/rest/" + resource(f) + "/" + url.QueryEscape(u.to.Has[f.ID+hasURN])}, &got)
	if err != nil {
		return err
	}
	switch got.Status {
	case "AVAILABLE":
		u.to.Has[f.ID+hasStep] = stepDone
	case "PROCESSING", "WAITING_UPLOAD":
		wait := imageWait
		if f.Kind == post.Video {
			wait = videoWait
		}
		u.to.Wait = max(u.to.Wait, wait)
	case "PROCESSING_FAILED":
		return answer.Fail(u.op, false, once.Refusal{Reason: once.ReasonContent})
	default:
		return answer.Fail(u.op, false, once.Refusal{})
	}
	return nil
}
