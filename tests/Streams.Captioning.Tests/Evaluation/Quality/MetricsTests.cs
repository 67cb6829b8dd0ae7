using Streams.Processors.Captioning.Evaluation.Quality;

namespace Streams.Captioning.Tests.Evaluation.Quality;

/// <summary>Every metric against values worked out by hand.</summary>
public sealed class MetricsTests
{
    [Theory]
    [InlineData("the cat sat on the mat today", 0.809107)] // (6/7 5/6 4/5 3/4)^(1/4) = (3/7)^(1/4)
    [InlineData("The cat sat on the mat.", 1)]
    [InlineData("the cat sat on the", 0.818731)] // exp(1 - 6/5), all precisions 1
    [InlineData("the the the the the the", 0)]
    [InlineData("", 0)]
    public void Bleu_AgainstOneReference_ByHand(string prediction, double expected) =>
        Assert.Equal(expected, Bleu.Score([(prediction, ["the cat sat on the mat"])]), 1e-6);

    [Fact]
    public void Bleu_SeveralReferences_ClipsByTheRichestAndTakesTheNearestLength()
    {
        // Runs: 5/5, 4/4, 3/3, 2/2 against the second; lengths 5 of {6, 5}.
        Assert.Equal(1, Bleu.Score([("a dog runs very fast", ["the dog is running very fast", "a dog runs very fast"])]), 1e-12);
    }

    [Fact]
    public void Bleu_OverASet_AddsCountsBeforeDividing()
    {
        // Matched 6+4, 5+3, 4+2, 3+1 of 7+4, 6+3, 5+2, 4+1.
        var expected = Math.Pow(10.0 / 11 * 8 / 9 * 6 / 7 * 4 / 5, 0.25);

        Assert.Equal(expected, Bleu.Score([("the cat sat on the mat today", ["the cat sat on the mat"]), ("a dog is here", ["a dog is here"])]), 1e-12);
    }

    [Theory]
    [InlineData("a red circle", 7.5)] // runs of 1, 2, 3 alike, none of 4
    [InlineData("a red square", 2.5)] // half of the runs of 1, half of those of 2, none of 3
    [InlineData("a red circle a red circle", 3.043867)] // (1/2 + 2/(3 sqrt 2) + 1/sqrt 6)/4 exp(-9/72) 10
    [InlineData("nothing of it", 0)]
    public void Cider_OfASetOfTwo_ByHand(string prediction, double expected)
    {
        var pair = Cider.Score([(prediction, ["a red circle"]), ("a blue square", ["a blue square"])]);

        Assert.Equal((expected + 7.5) / 2, pair, 1e-5);
    }

    [Fact]
    public void Cider_WordsInEveryReference_CountForNothing() =>
        Assert.Equal(0, Cider.Score([("a", ["a b"]), ("a", ["a c"])]), 1e-12);

    [Theory]
    [InlineData("helo", "hello", 0.8)]
    [InlineData("HELLO ", "hello", 1)]
    [InlineData("abxy", "abcd", 0.5)]
    [InlineData("axyz", "abcd", 0)] // 0.25 is below the threshold
    [InlineData("", "abcd", 0)]
    public void Anls_AgainstOneReference_ByHand(string prediction, string reference, double expected) =>
        Assert.Equal(expected, AnswerMetrics.Anls(prediction, [reference]), 1e-12);

    [Fact]
    public void Anls_SeveralReferences_TakesTheNearest() => Assert.Equal(0.75, AnswerMetrics.Anls("1984", ["nothing", "1985"]), 1e-12);

    [Theory]
    [InlineData("B", 'B')]
    [InlineData(" (b) ", 'B')]
    [InlineData("b)", 'B')]
    [InlineData("C. a dog", 'C')]
    [InlineData("The answer is (C).", 'C')]
    [InlineData("answer: D", 'D')]
    [InlineData("Option E", 'E')]
    [InlineData("a dog", null)]
    [InlineData("A dog runs", null)]
    [InlineData("I think it is a cat", null)]
    [InlineData("", null)]
    public void OptionLetter_Answers_AsMeant(string answer, char? expected) => Assert.Equal(expected, AnswerMetrics.OptionLetter(answer));

    [Theory]
    [InlineData("<0,0,499,999>", false)] // exactly half
    [InlineData("<0,0,599,999>", true)]
    [InlineData("it is at <0,0,999,999> or <5,5,6,6>", true)]
    [InlineData("it is nowhere", false)]
    public void BoxFound_AgainstTheWholePicture_ByHand(string prediction, bool expected) =>
        Assert.Equal(expected, AnswerMetrics.BoxFound(prediction, ["<0,0,999,999>"]));

    [Fact]
    public void Exact_LetterCaseAndSpacesAside()
    {
        Assert.True(AnswerMetrics.Exact(" A  dog ", ["a cat", "a dog"]));
        Assert.False(AnswerMetrics.Exact("a dog.", ["a dog"]));
    }
}
