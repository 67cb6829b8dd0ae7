namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>What is asked, which decides how an answer is measured.</summary>
public enum ReferenceTask
{
    /// <summary>A caption: exact match, BLEU-4, CIDEr, and the attributes where the reference is in the grammar of the rendered clips.</summary>
    Caption,

    /// <summary>A multiple choice: the letter.</summary>
    Choice,

    /// <summary>A box: intersection over union above a half.</summary>
    Box,

    /// <summary>Words read or a short answer: exact match and ANLS.</summary>
    Text,
}
