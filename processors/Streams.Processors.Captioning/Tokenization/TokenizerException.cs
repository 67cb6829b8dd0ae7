namespace Streams.Processors.Captioning.Tokenization;

/// <summary>A tokenizer.json that cannot be read or does not belong to the model. The message names the field and the remedy.</summary>
public sealed class TokenizerException(string problem, Exception? inner = null) : Exception($"tokenizer.json: {problem}", inner);
