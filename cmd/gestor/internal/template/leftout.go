package template

// leftOut tells why a resource type is deliberately not played. A type that is neither here nor played is an error.
func leftOut(kind string) (string, bool) {
	reasons := map[string]string{
		"AWS::IAM::Role":                      "one machine has one user; rights are checked on the template by infra's tests",
		"AWS::IAM::Policy":                    "as roles",
		"AWS::IAM::ManagedPolicy":             "as roles",
		"AWS::Lambda::Permission":             "says who may invoke a function; locally only the local system can",
		"AWS::S3::BucketPolicy":               "as roles: it demands TLS and denies strangers, and the emulator listens on the loopback only",
		"AWS::SQS::QueuePolicy":               "as bucket policies",
		"AWS::SecretsManager::ResourcePolicy": "as bucket policies",
		"AWS::KMS::Key":                       "encryption at rest changes nothing a function can see",
		"AWS::KMS::Alias":                     "as keys",
		"AWS::Logs::LogGroup":                 "functions write to the local system's own log",
		"AWS::Logs::MetricFilter":             "metrics are for operators of the cloud",
		"AWS::Logs::ResourcePolicy":           "as roles",
		"AWS::CloudWatch::Alarm":              "nobody is on call for a laptop; /healthz and /local/state say the same",
		"AWS::CloudWatch::CompositeAlarm":     "as alarms",
		"AWS::CloudWatch::Dashboard":          "as alarms",
		"AWS::SNS::Topic":                     "only alarms write to topics",
		"AWS::SNS::TopicPolicy":               "as topics",
		"AWS::SNS::Subscription":              "as topics",
		"AWS::Budgets::Budget":                "nothing here costs money",
		"AWS::Cognito::UserPool":              "the local system has an issuer of its own, with users everybody knows",
		"AWS::Cognito::UserPoolClient":        "as user pools",
		"AWS::Cognito::UserPoolDomain":        "as user pools",
		"AWS::Cognito::UserPoolGroup":         "as user pools; the roles are those of the local users",
		"AWS::Cognito::UserPoolUser":          "as user pools",

		"AWS::Cognito::UserPoolUserToGroupAttachment": "as user pools",
		"AWS::Cognito::ManagedLoginBranding":          "as user pools",
		"AWS::CDK::Metadata":                          "says which constructs made the template",
	}
	reason, ok := reasons[kind]
	return reason, ok
}
