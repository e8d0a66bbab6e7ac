package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// secrets are created empty. A value in a template is a value in a repository, in a change set and in a console's
// history, so an operator puts each one after the first deploy; until then GetSecretValue fails and its reader fails
// closed.
type secrets struct {
	metaApp, xApp, linkedInApp, tokenKey, connectKey, siac, citizenKey awssecretsmanager.CfnSecret
}

func newSecrets(stack awscdk.Stack, s settings, key awskms.CfnKey) secrets {
	return secrets{
		metaApp: newSecret(stack, s, key, "MetaAppSecret",
			`Meta app: {"appId","appSecret","appSecretPrevious","verifyToken","loginConfig"}`),
		xApp: newSecret(stack, s, key, "XAppSecret",
			`X app: {"consumerKey","consumerSecret","consumerSecretPrevious","clientId","clientSecret"}`),
		linkedInApp: newSecret(stack, s, key, "LinkedInAppSecret",
			`LinkedIn app: {"applicationId","clientId","clientSecret","clientSecretPrevious"}`),
		tokenKey: newSecret(stack, s, key, "TokenKeySecret",
			`Key that seals the keys of our accounts: {"key"} in base64; when it changes, every account is connected again`),
		connectKey: newSecret(stack, s, key, "ConnectKeySecret",
			`Key that seals what people bring when they connect an account: {"key"} in base64; may be changed at any time`),
		siac: newSecret(stack, s, key, "SiacSecret",
			`SIAC: {"token"}`),
		citizenKey: newSecret(stack, s, key, "CitizenKeySecret",
			`Key of the HMAC that stands for a citizen's id: {"key"} in base64; never changed once mentions exist`),
	}
}

func newSecret(stack awscdk.Stack, s settings, key awskms.CfnKey, id, description string) awssecretsmanager.CfnSecret {
	secret := awssecretsmanager.NewCfnSecret(stack, jsii.String(id), &awssecretsmanager.CfnSecretProps{
		Description: jsii.String(description),
		KmsKeyId:    key.AttrArn(),
	})
	secret.ApplyRemovalPolicy(s.removal(), nil)
	return secret
}
