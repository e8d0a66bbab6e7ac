package ways

import (
	"context"

	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/secret"
)

// Citizens reads the secret under which citizens' ids stand sealed.
func Citizens(secrets *secret.Client, id string) func(context.Context) (citizen.Secret, error) {
	held := reading[struct{ Key string }](secrets, id)
	return func(ctx context.Context) (citizen.Secret, error) {
		found, err := held(ctx)
		if err != nil {
			return citizen.Secret{}, err
		}
		parsed, err := citizen.Parse(found.Key)
		if err != nil {
			return citizen.Secret{}, fault.New(fault.Transient, "ways.Citizens", err)
		}
		return parsed, nil
	}
}

// Person opens the sealed id of a person, and gives what was never sealed as it is.
func Person(secrets *secret.Client, id string) func(ctx context.Context, sealed string) (string, error) {
	citizens := Citizens(secrets, id)
	return func(ctx context.Context, sealed string) (string, error) {
		key, err := citizens(ctx)
		if err != nil {
			return "", err
		}
		plain, err := key.Open(sealed)
		if err != nil {
			return "", fault.New(fault.Permanent, "ways.Person", err)
		}
		return plain, nil
	}
}

// Back gives an item that is awaited as its network told it: what names its author stood sealed.
func Back(secrets *secret.Client, id string) func(context.Context, mention.Event) (mention.Event, error) {
	citizens := Citizens(secrets, id)
	return func(ctx context.Context, e mention.Event) (mention.Event, error) {
		key, err := citizens(ctx)
		if err != nil {
			return mention.Event{}, err
		}
		told, err := key.Back(e)
		if err != nil {
			return mention.Event{}, fault.New(fault.Permanent, "ways.Back", err)
		}
		return told, nil
	}
}
