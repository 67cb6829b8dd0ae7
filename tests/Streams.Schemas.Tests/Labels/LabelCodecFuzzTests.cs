using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Schemas.Tests.Labels;

public sealed class LabelCodecFuzzTests
{
    [Fact]
    public void Decode_TenThousandMutatedPayloads_AreReadOrRefusedByFormat()
    {
        byte[][] seeds =
        [
            LabelGolden.Read("labels-task-active-v1.json"),
            LabelGolden.Read("labels-task-later-fields-v1.json"),
            LabelGolden.Read("labels-task-tolerance-v1.json"),
            LabelGolden.Read("labels-sample-answer-v1.json"),
            LabelGolden.Read("labels-pair-v1.json"),
            LabelGolden.Read("labels-task-pairs-v1.json"),
            "{\"task\":\"road-signs\",\"sample\":\"\\u00e9\\ud83d\\ude00\",\"label\":\"\\\\\",\"x\":[[[{\"y\":1e-7}]]]}"u8.ToArray(),
        ];
        var random = new Random(20200207);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var payload = Mutate(seeds[random.Next(seeds.Length)], random);
            foreach (var decode in new Action[]
            {
                () => LabelCodec.DecodeTask(payload, "road-signs"),
                () => LabelCodec.DecodeSample(payload, "road-signs"),
                () => LabelCodec.DecodePair(payload, "faces"),
            })
            {
                try
                {
                    decode();
                    read++;
                }
                catch (RecordFormatException)
                {
                    refused++;
                }
            }
        }

        // Both must happen, or the mutations are too mild or too wild to say anything.
        Assert.True(read > 300 && refused > 10_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Validate_MutatedSamples_AcceptsAndRefusesWhatDecodingDoes()
    {
        byte[][] seeds =
        [
            LabelGolden.Read("labels-sample-answer-v1.json"),
            "{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\",\"note\":\"x\",\"more\":[1,{\"y\":2}]}"u8.ToArray(),
            "{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\",\"query\":7,\"note\":null,\"other\":1.5,\"third\":true}"u8.ToArray(),
            "{\"task\":\"road-signs\",\"sample\":\"1\",\"weights\":{\"a\":0.5,\"b\":0.25}}"u8.ToArray(),
            " { \"oracle\" : \"anna\" , \"label\" : \"arr\u00eat\" , \"task\" : \"road-signs\" , \"sample\" : \"1\" } "u8.ToArray(),
        ];
        var random = new Random(20261126);
        var accepted = 0;
        for (var i = 0; i < 10_000; i++)
        {
            // Some as they are: most edits make a sample invalid.
            var payload = i < seeds.Length ? seeds[i] : Mutate(seeds[random.Next(seeds.Length)], random);
            var decoded = Outcome(() => LabelCodec.DecodeSample(payload, "road-signs"));
            Assert.Equal(decoded, Outcome(() => LabelCodec.Validate(EventTypes.LabelSample, payload, "road-signs")));
            accepted += decoded is null ? 1 : 0;
        }

        Assert.True(accepted > 150, $"{accepted} accepted");
    }

    [Theory]
    [InlineData("{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\",\"x\":1,\"x\":1}")]
    [InlineData("{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\",\"label\":\"a\"}")]
    [InlineData("{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\" \\t\"}")]
    [InlineData("{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\",\"query\":-1}")]
    [InlineData("{\"task\":\"road-signs\",\"sample\":\"1\",\"label\":\"a\"}{}")]
    [InlineData("{\"task\":\"other\",\"sample\":\"1\",\"label\":\"a\"}")]
    [InlineData("{\"task\":\"road-signs\",\"label\":\"a\"}")]
    public void Validate_WhatDecodingRefuses_IsRefused(string sample) =>
        Assert.Throws<RecordFormatException>(() => LabelCodec.Validate(EventTypes.LabelSample, System.Text.Encoding.UTF8.GetBytes(sample), "road-signs"));

    [Fact]
    public void Validate_AnOrdinarySample_AllocatesNothing()
    {
        var sample = System.Text.Encoding.UTF8.GetBytes($$"""{"task":"road-signs","sample":"4711","label":"arrêt","oracle":"anna","query":12,"note":"{{new string('x', 900)}}"}""");
        LabelCodec.Validate(EventTypes.LabelSample, sample, "road-signs");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            LabelCodec.Validate(EventTypes.LabelSample, sample, "road-signs");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string? Outcome(Action decode)
    {
        try
        {
            decode();
            return null;
        }
        catch (RecordFormatException e)
        {
            return e.Message;
        }
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var edits = random.Next(1, 5); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 17), bytes.Count - at)));
                    break;
                case 4:
                    bytes.Insert(at, "\"\\{}[]:,-.eE0019ud\0\u00ff"u8[random.Next(21)]);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
